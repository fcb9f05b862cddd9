//! What a tag may do with a value besides showing it.

use handlebars::{
    BlockContext, Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext,
    RenderErrorReason, Renderable,
};
use serde_json::Value as Json;

use super::Manner;
use crate::text::{Moment, parse_rfc3339, show_moment};

/// Those that stand around a part of the text.
pub(super) const BLOCKS: &[&str] = &["known", "each"];
/// Values that one sentence names.
const LISTED: usize = 12;
/// Every helper.
pub(super) const NAMES: &[&str] = &["known", "each", "list", "code", "plural", "date", "bytes"];

/// Makes them known to a renderer.
pub(super) fn register(engine: &mut Handlebars<'_>, manner: &Manner) {
    engine.register_helper("known", Box::new(known));
    engine.register_helper("each", Box::new(each));
    let listed = manner.clone();
    engine.register_helper("list", each_of(move |values, _| listed.list(values)));
    engine.register_helper(
        "code",
        each_of(|values, _| {
            values.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
        }),
    );
    let counted = manner.clone();
    engine.register_helper(
        "plural",
        each_of(move |values, h| {
            let number = values.first().and_then(|it| it.parse().ok());
            let form = if number.is_some_and(|it| counted.is_one(it)) { 1 } else { 2 };
            h.param(form).and_then(|it| it.value().as_str()).unwrap_or_default().to_owned()
        }),
    );
    let dated = manner.clone();
    engine.register_helper(
        "date",
        each_of(move |values, _| {
            dated.list(&values.iter().map(|it| dated.date(it)).collect::<Vec<_>>())
        }),
    );
    let sized = manner.clone();
    engine.register_helper(
        "bytes",
        each_of(move |values, _| {
            sized.list(&values.iter().map(|it| sized.bytes(it)).collect::<Vec<_>>())
        }),
    );
}

impl Manner {
    /// `a, b and c`; of very many the first, and how many more.
    fn list(&self, values: &[String]) -> String {
        let more = values.len().saturating_sub(LISTED);
        match values.split_last() {
            Some((last, [])) => last.clone(),
            Some(_) if more > 1 => {
                let first = values.get(..LISTED).unwrap_or_default().join(", ");
                let more = self.more.replace("{n}", &more.to_string());
                format!("{first} {} {more}", self.and)
            }
            Some((last, others)) => format!("{} {} {last}", others.join(", "), self.and),
            None => String::new(),
        }
    }

    /// A moment in UTC; what is none shows as it was written.
    fn date(&self, text: &str) -> String {
        let Some(micros) = parse_rfc3339(text) else { return text.to_owned() };
        let shown = show_moment(Moment::At(micros));
        match (shown.get(..4), shown.get(5..7), shown.get(8..10), shown.get(11..16)) {
            (Some(year), Some(month), Some(day), Some(clock)) => {
                let parts =
                    [("{year}", year), ("{month}", month), ("{day}", day), ("{clock}", clock)];
                parts.iter().fold(self.date.clone(), |date, (name, it)| date.replace(name, it))
            }
            _ => shown,
        }
    }

    /// A number of bytes as people read it, in binary units; what is none shows as it was written.
    fn bytes(&self, text: &str) -> String {
        let Ok(bytes) = text.parse::<u64>() else { return text.to_owned() };
        let units = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
        let Some((unit, shift)) = units.into_iter().find(|(_, it)| bytes >> it > 0) else {
            return format!("{bytes} bytes");
        };
        let tenths = (u128::from(bytes) * 10 + (1 << (shift - 1))) >> shift;
        format!("{}{}{} {unit}", tenths / 10, self.decimal, tenths % 10)
    }
}

/// A helper that makes one text of all values of its fact.
fn each_of(
    make: impl Fn(&[String], &Helper<'_>) -> String + Send + Sync + 'static,
) -> Box<dyn HelperDef + Send + Sync> {
    Box::new(
        move |h: &Helper<'_>,
              _: &Handlebars<'_>,
              _: &Context,
              _: &mut RenderContext<'_, '_>,
              out: &mut dyn Output|
              -> HelperResult {
            out.write(&make(&texts(h), h))?;
            Ok(())
        },
    )
}

fn known<'reg, 'rc>(
    h: &Helper<'rc>,
    engine: &'reg Handlebars<'reg>,
    context: &'rc Context,
    state: &mut RenderContext<'reg, 'rc>,
    out: &mut dyn Output,
) -> HelperResult {
    let value = h.param(0).ok_or(RenderErrorReason::ParamNotFoundForIndex("known", 0))?;
    let branch = if value.is_value_missing() || value.value().is_null() {
        h.inverse()
    } else {
        h.template()
    };
    match branch {
        Some(branch) => branch.render(engine, context, state, out),
        None => Ok(()),
    }
}

/// Renders its block once a value: also of a fact that has only one.
fn each<'reg, 'rc>(
    h: &Helper<'rc>,
    engine: &'reg Handlebars<'reg>,
    context: &'rc Context,
    state: &mut RenderContext<'reg, 'rc>,
    out: &mut dyn Output,
) -> HelperResult {
    let values = texts(h);
    if values.is_empty() {
        return h.inverse().map_or(Ok(()), |it| it.render(engine, context, state, out));
    }
    for value in values {
        let mut block = BlockContext::new();
        block.set_base_value(Json::String(value));
        state.push_block(block);
        let rendered = h.template().map_or(Ok(()), |it| it.render(engine, context, state, out));
        state.pop_block();
        rendered?;
    }
    Ok(())
}

fn texts(h: &Helper<'_>) -> Vec<String> {
    match h.param(0).map(handlebars::PathAndJson::value) {
        Some(Json::String(text)) => vec![text.clone()],
        Some(Json::Array(items)) => {
            items.iter().filter_map(Json::as_str).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use crate::words::manner;

    #[test]
    fn sizes_and_moments_are_written_as_their_readers_do() {
        let [en, pt, es] = ["en", "pt-BR", "es"].map(manner);
        assert_eq!(en.bytes("5242911"), "5.0 MiB");
        assert_eq!(pt.bytes("5662310"), "5,4 MiB");
        assert_eq!(en.bytes("1023"), "1023 bytes");
        assert_eq!(en.bytes("18446744073709551615"), "17179869184.0 GiB");
        assert_eq!(en.bytes("some"), "some");
        assert_eq!(en.date("2026-11-23T21:17:46.224080Z"), "2026-11-23 21:17 UTC");
        assert_eq!(pt.date("2026-11-23T21:17:46-03:00"), "24/11/2026 00:17 UTC");
        assert_eq!(en.date("yesterday"), "yesterday");
        assert_eq!(es.bytes("5662310"), "5.4 MiB");
        let many: Vec<String> = (1..=20).map(|it| it.to_string()).collect();
        assert!(en.list(&many).ends_with(", 12 and 8 more"));
        assert!(pt.list(&many).ends_with(", 12 e mais 8"));
        assert!(es.list(&many).ends_with(", 12 y 8 más"));
    }
}
