//! The hello: who may talk to whom.

use ledger::journal::JournalId;
use ledger::remote::wire::{
    ClientHello, HELLO_BYTES, HelloFault, LedgerId, PROTOCOL_VERSION, Refusal, ServerHello,
};
use proptest::prelude::*;

fn id(number: u8) -> LedgerId {
    LedgerId::from_bytes([number; 16]).unwrap()
}

fn bytes(hello: Vec<u8>) -> [u8; HELLO_BYTES] {
    hello.try_into().unwrap()
}

#[test]
fn every_hello_comes_back() {
    for ledger in [None, Some(id(1))] {
        assert_eq!(ClientHello::decode(&bytes(ClientHello { ledger }.encode())), Ok(ClientHello { ledger }));
    }
    for refused in [None, Some(Refusal::VersionDiffers), Some(Refusal::OtherLedger)] {
        let hello = ServerHello { refused, ledger: id(2) };
        assert_eq!(ServerHello::decode(&bytes(hello.encode())), Ok(hello));
    }
}

#[test]
fn a_ledger_lets_in_who_asks_for_it_or_for_any() {
    let cases = [(None, None), (Some(id(1)), None), (Some(id(2)), Some(Refusal::OtherLedger))];
    for (ledger, refused) in cases {
        let said = bytes(ClientHello { ledger }.encode());
        assert_eq!(ServerHello::answer(id(1), &said), Some(ServerHello { refused, ledger: id(1) }));
    }
}

#[test]
fn another_version_is_told_so_by_both_sides() {
    let mut said = bytes(ClientHello { ledger: None }.encode());
    said[8..10].copy_from_slice(&(PROTOCOL_VERSION + 1).to_le_bytes());
    // What another version has behind the version is not looked at.
    said[10..16].fill(9);
    let answered = ServerHello::answer(id(1), &said).unwrap();
    assert_eq!(answered.refused, Some(Refusal::VersionDiffers));
    let mut answered = bytes(answered.encode());
    answered[8..10].copy_from_slice(&7_u16.to_le_bytes());
    assert_eq!(ServerHello::decode(&answered), Err(HelloFault::VersionDiffers(7)));
}

#[test]
fn a_gateway_talks_to_the_ledger_it_wants_and_to_no_other() {
    let other = HelloFault::OtherLedger { expected: id(2), found: id(1) };
    let cases = [
        (None, None, Ok(id(1))),
        (None, Some(id(1)), Ok(id(1))),
        (None, Some(id(2)), Err(other)),
        (Some(Refusal::OtherLedger), Some(id(2)), Err(other)),
        (Some(Refusal::OtherLedger), Some(id(1)), Err(HelloFault::Malformed)),
        (Some(Refusal::OtherLedger), None, Err(HelloFault::Malformed)),
        (Some(Refusal::VersionDiffers), None, Err(HelloFault::Malformed)),
    ];
    for (refused, expected, welcome) in cases {
        assert_eq!(
            ServerHello { refused, ledger: id(1) }.welcome(expected),
            welcome,
            "{refused:?} {expected:?}"
        );
    }
}

#[test]
fn what_is_no_hello_is_not_answered() {
    let http: [u8; HELLO_BYTES] = *b"GET / HTTP/1.1\r\nHost: localhost\r";
    assert_eq!(ServerHello::answer(id(1), &http), None);
    assert_eq!(ServerHello::decode(&http), Err(HelloFault::NotALedger));
    let mut said = bytes(ClientHello { ledger: None }.encode());
    said[15] = 1;
    assert_eq!(ServerHello::answer(id(1), &said), None);
    for byte in [10, 12, 15] {
        let mut answered = bytes(ServerHello { refused: None, ledger: id(1) }.encode());
        answered[byte] ^= 0x80;
        assert_eq!(ServerHello::decode(&answered), Err(HelloFault::Malformed), "{byte}");
    }
    let mut nobody = bytes(ServerHello { refused: None, ledger: id(1) }.encode());
    nobody[16..].fill(0);
    assert_eq!(ServerHello::decode(&nobody), Err(HelloFault::Malformed));
}

#[test]
fn the_layout_is_for_ever() {
    let said = ClientHello { ledger: Some(id(5)) }.encode();
    assert_eq!(said[..16], *b"BALLASTL\x01\0\0\0\0\0\0\0");
    assert_eq!(said[16..], [5; 16]);
    let answered = ServerHello { refused: Some(Refusal::OtherLedger), ledger: id(5) }.encode();
    assert_eq!(answered[..16], *b"BALLASTL\x01\0\x03\0\0\0\0\0");
}

#[test]
fn the_id_of_a_ledger_follows_from_its_journal_and_does_not_tell_it() {
    let journal = JournalId([7; 16]);
    let ledger = LedgerId::of_journal(journal);
    assert_eq!(ledger, LedgerId::of_journal(journal));
    assert_ne!(ledger, LedgerId::of_journal(JournalId([8; 16])));
    assert_ne!(ledger.to_bytes(), journal.0);
    assert_eq!(ledger.to_string().len(), 32);
    assert_eq!(LedgerId::from_bytes([0; 16]), None);
}

proptest! {
    #[test]
    fn random_hellos_do_no_harm(said in any::<[u8; HELLO_BYTES]>(), keep in 0_usize..=16) {
        let mut hello = said;
        hello[..keep].copy_from_slice(&ClientHello { ledger: None }.encode()[..keep]);
        let _ = ServerHello::answer(id(1), &hello);
        let mut hello = said;
        hello[..keep].copy_from_slice(&ServerHello { refused: None, ledger: id(1) }.encode()[..keep]);
        if let Ok(decoded) = ServerHello::decode(&hello) {
            prop_assert_eq!(bytes(decoded.encode()), hello);
        }
    }
}
