//! The shown log's records through every codec: how many bytes they become, and how long that takes in
//! this browser, beside the figures of the study notes.

use super::Shown;
use crate::app::App;
use crate::i18n::bytes::{self as words, BytesText};
use crate::i18n::{format, t};
use crate::view_model::bytes::codecs::{Sample, unpack};
use bytes::Bytes;
use kafkascope_engine::record::CompressionType;
use leptos::prelude::*;

/// A codec is run again and again for about so long: the browser's clock is coarse.
const MEASURE_MS: f64 = 24.0;
const ROUNDS_MAX: u32 = 400;

#[derive(Clone, Debug, PartialEq)]
struct Measured {
    codec: CompressionType,
    bytes: usize,
    /// Microseconds for all batches; `None` without a clock.
    pack_us: Option<f64>,
    unpack_us: Option<f64>,
}

pub fn codecs_view(app: App, shown: Shown) -> AnyView {
    let sample = Memo::new(move |_| {
        shown.file.with(|file| file.as_ref().map(Sample::of).unwrap_or_default())
    });
    let measured = RwSignal::new(Vec::<Measured>::new());
    Effect::new(move |_| {
        sample.track();
        measured.set(Vec::new());
    });
    let measure = move |_| {
        let all = sample.with_untracked(|s| CompressionType::ALL.map(|codec| run(s, codec)));
        measured.set(all.to_vec());
    };
    let none = move || sample.with(|sample| sample.records() == 0);
    let size =
        move || sample.with(|s| words::codecs_sample(s.records(), s.batches(), app.lang.get()));
    let row = move |row: Measured| {
        let whole =
            measured.with_untracked(|all| all.first().map_or(1, |first| first.bytes.max(1)));
        let time = |us: Option<f64>| us.map_or("–".to_string(), |us| format!("{us:.0} µs"));
        view! {
            <tr data-testid=format!("codec-{}", row.codec.name())>
                <th scope="row" class="mono">{row.codec.name()}</th>
                <td class="is-number">{format::number(row.bytes as u64)}" B"</td>
                <td class="is-number">{format!("{} %", (row.bytes * 100).div_ceil(whole))}</td>
                <td class="is-number">{time(row.pack_us)}</td>
                <td class="is-number">{time(row.unpack_us)}</td>
                <td>{notes(row.codec)}</td>
            </tr>
        }
    };
    let head =
        move |key: BytesText| view! { <th scope="col">{move || t(app.lang.get(), key)}</th> };
    view! {
        <div class="codecs">
            <p>{move || t(app.lang.get(), if none() { BytesText::CodecsNothing } else { BytesText::CodecsHint })}</p>
            <Show when=move || !none()>
                <p class="quiet">{size}</p>
                <button type="button" class="button is-primary" data-testid="codecs-measure" on:click=measure>
                    {move || t(app.lang.get(), BytesText::CodecsMeasure)}
                </button>
            </Show>
            <Show when=move || measured.with(|all| !all.is_empty())>
                <table class="found-table" data-testid="codecs-table">
                    <thead>
                        <tr>
                            {head(BytesText::CodecsCodec)}
                            {head(BytesText::CodecsBytes)}
                            {head(BytesText::CodecsRatio)}
                            {head(BytesText::CodecsPack)}
                            {head(BytesText::CodecsUnpack)}
                            {head(BytesText::CodecsNotes)}
                        </tr>
                    </thead>
                    <tbody>{move || measured.get().into_iter().map(row).collect_view()}</tbody>
                </table>
                <p class="quiet">{move || t(app.lang.get(), BytesText::CodecsCaution)}</p>
            </Show>
        </div>
    }
    .into_any()
}

/// Size and CPU of the study notes' table.
fn notes(codec: CompressionType) -> &'static str {
    match codec {
        CompressionType::None => "100 %, 1×",
        CompressionType::Gzip => "40 %, 4-5×",
        CompressionType::Snappy => "60 %, 1.5-2×",
        CompressionType::Lz4 => "70 %, 1.2-1.5×",
        CompressionType::Zstd => "45 %, 2-3×",
    }
}

fn run(sample: &Sample, codec: CompressionType) -> Measured {
    let packed = sample.pack(codec);
    Measured {
        codec,
        bytes: packed.iter().map(Bytes::len).sum(),
        pack_us: time_us(|| sample.pack(codec).len()),
        unpack_us: time_us(|| unpack(&packed)),
    }
}

/// How long one round takes.
fn time_us(mut round: impl FnMut() -> usize) -> Option<f64> {
    let clock = web_sys::window()?.performance()?;
    let from = clock.now();
    let mut rounds = 0;
    let mut done = 0;
    while rounds < ROUNDS_MAX && clock.now() - from < MEASURE_MS {
        done += round();
        rounds += 1;
    }
    (done > 0).then(|| (clock.now() - from) * 1000.0 / f64::from(rounds))
}
