//! Whatever is changed in a signed batch, it is not executed.

use crate::support::*;
use api_types::BatchHeader;
use axum::http::HeaderValue;
use proptest::prelude::*;
use tokio::runtime::Runtime;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_changed_binary_batch_never_executes(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), 1_u8..), 1..4),
        cut in 0_usize..3,
    ) {
        let good = binary(&[transfer(1, 1, 2, 5), transfer(2, 1, 3, 6)]);
        let mut batch = good.clone();
        for (at, mask) in changes {
            let at = at.index(batch.len());
            batch[at] ^= mask;
        }
        batch.truncate(batch.len() - 128 * cut.min(2));
        prop_assume!(batch != good);
        runtime().block_on(async {
            let faked = Faked::new();
            let (status, ..) = post_binary(&faked.router, batch).await;
            prop_assert!(status.is_client_error(), "{}", status);
            prop_assert_eq!(faked.submissions(), 0);
            Ok(())
        })?;
    }

    #[test]
    fn a_changed_batch_in_json_never_executes(
        in_header: bool,
        at: prop::sample::Index,
        mask in 1_u8..,
    ) {
        let (field, mut body) = json(vec![payment(1, 1, 2, "5.00"), payment(2, 1, 3, "6.00")]);
        let mut field = field.into_bytes();
        let changed = if in_header { &mut field } else { &mut body };
        let at = at.index(changed.len());
        changed[at] ^= mask;
        let readable = HeaderValue::from_bytes(&field).ok().and_then(|value| value.to_str().map(str::to_owned).ok());
        prop_assume!(readable.is_some());
        runtime().block_on(async {
            let faked = Faked::new();
            let (status, ..) = post_json(&faked.router, (readable.unwrap(), body)).await;
            prop_assert!(status.is_client_error(), "{}", status);
            prop_assert_eq!(faked.submissions(), 0);
            Ok(())
        })?;
    }

    /// A batch of the other kind with the same bytes signed is not taken for one of this kind.
    #[test]
    fn a_header_is_good_at_one_operation(swap: bool) {
        let records = binary(&[transfer(1, 1, 2, 5)]);
        let (field, body) = json(vec![payment(1, 1, 2, "5.00")]);
        runtime().block_on(async {
            let faked = Faked::new();
            let answered = if swap {
                let record: [u8; 128] = records[..128].try_into().unwrap();
                post_json(&faked.router, (BatchHeader::to_text(&record), records[128..].to_vec())).await
            } else {
                let record = BatchHeader::from_text(&field).unwrap();
                let padded = [body.clone(), vec![b' '; 128 - body.len() % 128]].concat();
                post_binary(&faked.router, [record.as_slice(), &padded].concat()).await
            };
            prop_assert_eq!(answered.0.as_u16(), 400);
            prop_assert_eq!(faked.submissions(), 0);
            Ok(())
        })?;
    }
}
