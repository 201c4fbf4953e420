//! How the page speaks Korean and English. A text that never changes is a variant of a table made by
//! [`texts!`]; a sentence with something in it is made by [`say!`]. Both take the two languages side
//! by side, so a text without one of them does not compile.
//!
//! | module | whose words |
//! |---|---|
//! | [`panels`] | narration, terminal, produce form, chart, dialogs |
//! | [`bytes`], [`look_up`], [`cleaner`], [`exchange`] | the byte viewer |
//! | [`about`] | what is modelled and what is not |
//! | [`help`], [`glossary`] | the help dialog, and Kafka's terms |
//! | [`commands`] | the form of topic commands, a reassignment under way |
//! | [`groups`] | consumer groups: their cards, their story, their form |
//! | [`stage`] | stage, transport bar, inspector, header |
//! | [`lesson`] | the lesson panel |
//! | [`monitors`] | the monitors, the comparison, the search for a failure |
//! | [`ledger`] | the delivery ledger |
//! | [`storage`] | the storage chip and dialogs, links |
//! | [`format`] | numbers, sizes and times |
//!
//! Words about events, refusals and script lines are the engine's (`kafkascope_engine::script`).

pub mod about;
pub mod bytes;
pub mod cleaner;
pub mod commands;
pub mod exchange;
pub mod format;
pub mod glossary;
pub mod groups;
pub mod help;
pub mod ledger;
pub mod lesson;
pub mod look_up;
pub mod monitors;
pub mod panels;
pub mod stage;
pub mod storage;

pub use kafkascope_engine::script::Lang;
pub use kafkascope_engine::script::lang::settle_particles;

/// A text of one of the tables.
pub trait Key: Copy {
    fn in_lang(self, lang: Lang) -> &'static str;
}

/// The text in the language asked for. In a view: `{move || t(app.lang.get(), PanelText::Send)}`.
pub fn t(lang: Lang, key: impl Key) -> &'static str {
    key.in_lang(lang)
}

/// What `lang` attributes say.
pub fn code(lang: Lang) -> &'static str {
    lang.pick("ko", "en")
}

/// A table of texts: one line each, Korean first. One that is shown as a whole is a `listed enum`,
/// and has them all in `ALL`.
///
/// ```ignore
/// texts! {
///     pub enum PanelText {
///         Send: "보내기", "Send";
///     }
/// }
/// ```
macro_rules! texts {
    ($(#[$meta:meta])* pub listed enum $name:ident { $($key:ident: $ko:literal, $en:literal;)+ }) => {
        $crate::i18n::texts! { $(#[$meta])* pub enum $name { $($key: $ko, $en;)+ } }

        impl $name {
            pub const ALL: &[$name] = &[$($name::$key),+];
        }
    };
    ($(#[$meta:meta])* pub enum $name:ident { $($key:ident: $ko:literal, $en:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($key),+
        }

        impl $crate::i18n::Key for $name {
            fn in_lang(self, lang: $crate::i18n::Lang) -> &'static str {
                match self {
                    $($name::$key => lang.pick($ko, $en)),+
                }
            }
        }
    };
}
pub(crate) use texts;

/// `say!(lang, "한국어 {x}", "English {x}")`: one sentence with something in it. In the Korean one
/// `이(가)`, `은(는)`, `을(를)`, `과(와)`, `(으)로` and `(이)라` become the particle that fits.
macro_rules! say {
    ($lang:expr, $ko:literal, $en:literal $(,)?) => {
        match $lang {
            $crate::i18n::Lang::Ko => $crate::i18n::settle_particles(&format!($ko)),
            $crate::i18n::Lang::En => format!($en),
        }
    };
}
pub(crate) use say;
