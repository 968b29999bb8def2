//! The program from outside: what a person or a supervisor sees, exit codes and single lines included.

#![cfg(test)]

mod account_keys;
mod batches;
mod bench;
mod commands;
mod configuration;
mod demo;
mod harness;
mod serving;
mod surroundings;
mod verify;
