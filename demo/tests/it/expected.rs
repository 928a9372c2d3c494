//! What a MIME parser has to find in each message of the demo, oldest first.

/// One message.
pub(crate) struct Expected {
    /// The beginning of the subject; empty if there is none.
    pub(crate) subject: &'static str,
    /// A text that the first text part contains.
    pub(crate) text: &'static str,
    /// The beginnings of the attachments' names; empty for a part without a name.
    pub(crate) attachments: &'static [&'static str],
}

const fn message(
    subject: &'static str,
    text: &'static str,
    attachments: &'static [&'static str],
) -> Expected {
    Expected {
        subject,
        text,
        attachments,
    }
}

/// The maildrop in its order.
pub(crate) const EXPECTED: [Expected; 50] = [
    message(
        "Museum of Bad Mail, room 1",
        "If you see only a quiet page, the glass is holding.",
        &[],
    ),
    message("Museum of Bad Mail, room 2", "The guard in this room", &[]),
    message(
        "Museum of Bad Mail, room 3",
        "when you read, and where.",
        &[],
    ),
    message(
        "Museum of Bad Mail, room 4",
        "Please do not lean on the parsers.",
        &[],
    ),
    message(
        "Museum of Bad Mail, room 5: Y\u{43e}ur acc\u{43e}unt is l\u{43e}cked",
        "hurry, hurry, hurry",
        &[],
    ),
    message(
        "Museum of Bad Mail, room 6",
        "The names are not\r\nsafe to believe.",
        &[
            "../../../../home/you/.profile",
            "..\\..\\Startup\\run.bat",
            "harmless\u{202e}fdp.exe",
            "/etc/passwd",
            "C:\\Windows\\win.ini",
            "CON",
            ".",
            "",
            "nul\0.txt\r\nset-cookie: a",
            "<img src=x onerror=parent.__pwned='name'>.html",
            "not-a-picture.png",
            "long-long-",
            "drawing.svg",
        ],
    ),
    message(
        "Museum of Bad Mail, room 7: <b onmouseover=parent.__pwned=\"subject\">",
        "There is no gift shop.",
        &[],
    ),
    message("Museum of Bad Mail, room 8", "Both are fine.", &[]),
    message("The Slow Post, no. 41", "You were right about the", &[]),
    message(
        "Grüße von der Hallig: Schafe, Sturm",
        "hätte ich das Wasser bestellt.",
        &[],
    ),
    message("Борщ: окончательный рецепт", "«Ёжик», №7", &[]),
    message(
        "Зимнее расписание паромов",
        "Сушки по-прежнему по одной.",
        &[],
    ),
    message("秋の手紙、少し遅れて", "鳥が決めてくれました。", &[]),
    message("【ご予約確認】温泉宿つきみ", "ソ、十、表、予、能", &[]),
    message("您的新茶已经上山", "龘、𠮷、€", &[]),
    message("반납일 안내", "사서가 조금 슬퍼합니다.", &[]),
    message("המסיק הסתיים", "תביא לחם.", &[]),
    message("دعوة إلى أمسية الفوانيس", "(Blue Heron)", &[]),
    message(
        "Ένα δέμα, δύο γλώσσες / Jedna paczka, dwa języki",
        "gęś, żółw i źdźbło",
        &[],
    ),
    message("About the house, the pears", "walnuts in them.", &[]),
    message("Your receipt from The Second Shelf", "€ 23.00", &[]),
    message(
        "Booking NFL-7Q2 confirmed",
        "Tuesday, 1 December, 21:15",
        &["boarding-pass-NFL-7Q2.pdf"],
    ),
    message("Saturday: Gannet Ridge", "one stile that bites", &[]),
    message(
        "Re: Saturday: Gannet Ridge",
        "turned out to be the vase",
        &[],
    ),
    message(
        "Re: Saturday: Gannet Ridge",
        "This is how treaties are made.",
        &[],
    ),
    message("Re: Saturday: Gannet Ridge", "one thermos between us?", &[]),
    message(
        "Re: Saturday: Gannet Ridge",
        "with a dent like a small moon?",
        &[],
    ),
    message("Re: Saturday: Gannet Ridge", "I will bring the lid.", &[]),
    message(
        "Gardeners Digest, Vol 12, Issue 77",
        "Today's topics:",
        &["", "", ""],
    ),
    message(
        "The winter issue is here",
        "you once lent us an umbrella",
        &[],
    ),
    message(
        "A postcard from the far end of the bus line",
        "one inn, one cow and one opinion",
        &["sunset.png", "heron-stamp.png"],
    ),
    message(
        "Fwd: Found: one thermos",
        "by mistake, or by fate",
        &["Found one thermos.eml"],
    ),
    message(
        "Autumn figures (as CSV",
        "the auditors",
        &["catch.csv", "harbour-autumn.zip"],
    ),
    message(
        "New address, same marrow",
        "the house with the blue door",
        &["delphine.vcf"],
    ),
    message("The keeper's log, complete", "Day 366.", &[]),
    message("Everything I have to say about the marrow", "", &[]),
    message("", "It is about pears.", &[]),
    message("A letter without a date", "reading at the time.", &[]),
    message(
        "Re: Minutes of the meeting about the length",
        "See subject.",
        &[],
    ),
    message(
        "🎉 We did it! 🚲💨 312 km",
        "👩🏽\u{200d}🦱🧔🏻\u{200d}♂️👶🏽🐕\u{200d}🦺",
        &[],
    ),
    message(
        "Four ways to name a file",
        "as bare octets",
        &[
            "żółw i gęś.txt",
            "A rather long name for a small file – in three pieces.txt",
            "手紙の書き方.txt",
            "Überraschung für später.txt",
        ],
    ),
    message(
        "Caf\u{fffd} closed, boundary lost",
        "The scales are being looked at.",
        &["unfinished.txt"],
    ),
    message("Half a word \u{fffd}", "", &[""]),
    message(
        "Undelivered mail returned to sender",
        "We also tried the pond.",
        &["", ""],
    ),
    message(
        ". .. ... (a message about full stops)",
        "\r\n.\r\n..\r\n...\r\n....\r\n.hidden files",
        &[],
    ),
    message(
        "Your parcel is nearly there",
        "Stopped to look at a duck",
        &[],
    ),
    message(
        "The view, in full (6 MB",
        "asked to\r\ncarry the paint.",
        &["the view, in full.bmp"],
    ),
    message(
        "Invitation: The reunion of the thermos",
        "Speeches will be kept under a minute.",
        &["", "invite.ics"],
    ),
    message(
        "Tonight: “Songs for Low Ceilings”",
        "“Echo, Be Reasonable”",
        &[],
    ),
    message(
        "Welcome to Restante.",
        "Things to try while the kettle boils",
        &[],
    ),
];
