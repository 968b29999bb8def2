//! Tests of the money crate: against longhand arithmetic, against the answers of other systems, and by table.

#[cfg(test)]
mod amounts;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod collateral;
#[cfg(test)]
mod debt;
#[cfg(test)]
mod decimal;
#[cfg(test)]
mod fee_index;
#[cfg(test)]
mod formula;
#[cfg(test)]
mod human;
#[cfg(test)]
mod longhand;
#[cfg(test)]
mod mul_div;
#[cfg(test)]
mod rpow;
#[cfg(test)]
mod strategies;
