//! Search in all scripts, in long texts, and in names of files.

use futures::executor::block_on;

use super::*;
use crate::engine::store::spool::MemoryFiles;

/// Stores one message with this text, and makes it searchable.
async fn with_text(text: &str) -> Store<MemoryFiles> {
    with_message(&format!("Subject: x\r\n\r\n{text}\r\n")).await
}

async fn with_message(octets: &str) -> Store<MemoryFiles> {
    let (mut store, _) = open(&MemoryFiles::new()).await;
    let mailbox = store.add_mailbox().await.unwrap();
    deliver(&mut store, mailbox, "u", octets.as_bytes())
        .await
        .unwrap();
    store.commit().await.unwrap();
    while store.make_searchable().await.unwrap() {}
    store
}

/// Asserts that searches find a text, and that others do not.
#[track_caller]
fn assert_found(text: &str, hits: &[&str], misses: &[&str]) {
    block_on(async {
        let mut store = with_text(text).await;
        for hit in hits {
            assert_eq!(found(&mut store, hit).await, 1, "{hit} in {text}");
        }
        for miss in misses {
            assert_eq!(found(&mut store, miss).await, 0, "{miss} in {text}");
        }
    });
}

#[test]
fn words_within_runs_of_thai_lao_khmer_and_burmese_are_found() {
    assert_found(
        "รถไฟขบวนสุดท้ายออกจากสถานีตอนเที่ยงคืน",
        &["รถไฟ", "สถานี", "เที่ยงคืน", "ที่", "ส", "สถานี ตอน", "รถไฟขบวนสุด"],
        &["สถานที่", "คืนเที่ยง", "ฟ้า", "สถานี สนามบิน"],
    );
    assert_found("ຫໍສະໝຸດເປີດທຸກມື້", &["ສະໝຸດ", "ເປີດ", "ມື້"], &["ປິດ"]);
    assert_found("បណ្ណាល័យបើកនៅថ្ងៃចន្ទ", &["បើក", "ថ្ងៃ", "ចន្ទ"], &["បិទ"]);
    assert_found("စာကြည့်တိုက်ကိုတနင်္လာနေ့ဖွင့်သည်", &["တိုက်", "တနင်္လာ", "ဖွင့်"], &["ပိတ်"]);
}

#[test]
fn words_within_runs_of_chinese_japanese_and_korean_are_found() {
    assert_found(
        "火车票已经寄到您的新地址，第12号车厢。",
        &[
            "火车",
            "车票",
            "地址",
            "寄",
            "新地址 火车票",
            "12",
            "第12号车厢",
            "址，第",
        ],
        &["车火", "地址号", "址您"],
    );
    assert_found(
        "来週の打ち合わせは図\r\n書館で行います。ﾌﾟﾘﾝﾀ更新、ＵＳＢ接続",
        &[
            "打ち合わせ",
            "図書館",
            "プリンタ",
            "ぷりんた",
            "ﾌﾟﾘﾝﾀ",
            "usb",
            "USB接続",
        ],
        &["ブリンタ", "合わせた", "旧USB"],
    );
    assert_found(
        "회의자료를 첨부합니다. 도서관에서 봅시다",
        &[
            "자료",
            "회의",
            "첨부",
            "서관",
            "도서관에서",
            "도서관 회의",
            "료",
        ],
        &["의회", "자료실", "니다도"],
    );
}

#[test]
fn accents_points_and_special_letters_do_not_matter() {
    assert_found(
        "Τα τρένα στην Ἀθήνα· ὁ ΣΤΑΘΜΟΣ",
        &["τρενα", "ΑΘΗΝΑ", "Αθήνα", "σταθμός", "σταθμοσ"],
        &["αθηναι"],
    );
    assert_found(
        "בַּסֵּפֶר והרכבת לירושלים",
        &["בספר", "ספר", "הרכבת", "רכבת", "ירושלים", "רכב"],
        &["פר", "כבת"],
    );
    assert_found(
        "وصل القِطَارُ إلى المدينة، والمسافرون بالمحطة",
        &[
            "القطار",
            "قطار",
            "قِطار",
            "الى",
            "مدينه",
            "المسافرون",
            "مسافر",
            "المحطة",
            "محطة",
        ],
        &["طار", "سافر"],
    );
    assert_found(
        "Grüße aus Łomża, Ærøskøbing, Đakovo, Þórshöfn, Ğ ve ŞIRNAK; ﬁle; Чёрный",
        &[
            "grusse",
            "GRÜSSE",
            "grüße",
            "lomza",
            "aeroskobing",
            "dakovo",
            "đako",
            "thorsh",
            "sirnak",
            "şırnak",
            "file",
            "черный",
            "чёрн",
        ],
        &["grue", "roskobing"],
    );
    assert_found("हिन्दी में पत्र", &["हिन्दी", "हिन", "पत्र"], &["न्दी"]);
    assert_found(
        "Th\u{1B0}\u{301} vi\u{1EC7}n",
        &["thu vien", "thứ", "viện"],
        &["vin"],
    );
}

#[test]
fn emoji_are_found() {
    assert_found(
        "Well done👏🏽 and happy birthday 🎂🎈! ❤️ 👨‍👩‍👦 🇮🇸",
        &[
            "👏",
            "👏🏿",
            "🎂",
            "🎈",
            "🎂🎈",
            "❤",
            "❤️",
            "👨‍👩‍👦",
            "👦",
            "🇮🇸",
            "happy 🎈",
            "done👏",
        ],
        &["🎈🎂", "👎", "💔", "🇮🇹"],
    );
}

#[test]
fn names_addresses_and_numbers_are_found_by_their_pieces() {
    assert_found(
        "Ask o.b_smith+list@mail.firm.example or call +49 (30) 1234-567 about #4711, 1,190.50 EUR. \
         It's 12:30. https://shop.example/a?id=77",
        &[
            "smith",
            "b_smith",
            "smith+list@mail.firm.example",
            "firm.ex",
            "@mail.firm",
            "(30)",
            "1234-567",
            "1234-5",
            "#4711",
            "1,190",
            "1,190.50",
            "it's",
            "it’s",
            "12:30",
            "shop.example/a?id=77",
            "\"call +49\"",
        ],
        &["mith", "1234-6", "50.190", "711"],
    );
    block_on(async {
        let part = |name: &str| {
            format!(
                "Content-Type: application/pdf\nContent-Disposition: attachment;\n \
                 filename*=utf-8''{name}\n\nx\n--b\n"
            )
        };
        let message = format!(
            "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\n{}{}--b--\n",
            part("Plan_B%20%283%29.final.pdf"),
            part("%E6%9C%88%E5%A0%B1%E5%91%8A.pdf")
        );
        let mut store = with_message(&message).await;
        for hit in [
            "(3)",
            "plan_b",
            "final.pdf",
            "plan (3)",
            "Plan_B (3).final.p",
            "月報",
            "報告.pdf",
        ] {
            assert_eq!(found(&mut store, hit).await, 1, "{hit}");
        }
        for miss in ["(4)", "lan", "告報"] {
            assert_eq!(found(&mut store, miss).await, 0, "{miss}");
        }
    });
}

#[test]
fn a_long_text_is_searched_to_its_end_or_counted() {
    block_on(async {
        for (lines, is_cut) in [(30_000, false), (60_000, true)] {
            let text = "A line of forty-four characters, or so it is\r\n".repeat(lines);
            let mut store = with_text(&format!("{text}omega 終わり")).await;
            let hits = u32::from(!is_cut);
            assert_eq!(found(&mut store, "omega").await, hits);
            assert_eq!(found(&mut store, "終わり").await, hits);
            assert_eq!(found(&mut store, "forty-four").await, 1);
            let mailbox = store.mailboxes().await.unwrap()[0].id;
            for (mailbox, is_here) in [
                (None, true),
                (Some(mailbox), true),
                (Some(MailboxId(9)), false),
            ] {
                let expected = u32::from(is_cut && is_here);
                assert_eq!(store.cut(mailbox).await.unwrap(), expected);
            }
            store.remove_mailbox(mailbox).await.unwrap();
            assert_eq!(store.cut(None).await.unwrap(), 0);
        }
    });
}

#[test]
fn the_name_of_a_file_is_found_after_a_text_that_is_too_long() {
    block_on(async {
        let long = "many words\n".repeat(300_000);
        let mut store = with_message(&format!(
            "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n{long}\n--b\n\
             Content-Type: text/plain\n\nepilogue\n--b\n\
             Content-Type: image/png; name=\"harbour.png\"\n\nx\n--b--\n"
        ))
        .await;
        assert_eq!(found(&mut store, "harbour").await, 1);
        assert_eq!(found(&mut store, "epilogue").await, 0);
        assert_eq!(store.cut(None).await.unwrap(), 1);
    });
}

#[test]
fn runs_of_a_removed_mailbox_are_not_found() {
    block_on(async {
        let mut store = with_text("東京").await;
        let removed = store.mailboxes().await.unwrap()[0].id;
        let mailbox = store.add_mailbox().await.unwrap();
        for (number, text) in ["京都", "no runs"].iter().enumerate() {
            let octets = format!("Subject: x\r\n\r\n{text}\r\n");
            deliver(&mut store, mailbox, &number.to_string(), octets.as_bytes())
                .await
                .unwrap();
        }
        store.commit().await.unwrap();
        while store.make_searchable().await.unwrap() {}
        assert_eq!(found(&mut store, "京").await, 2);
        assert_eq!(found(&mut store, "都 x").await, 1);
        store.remove_mailbox(removed).await.unwrap();
        assert_eq!(found(&mut store, "京").await, 1);
        assert_eq!(found(&mut store, "東京").await, 0);
    });
}
