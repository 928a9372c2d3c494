//! Deserialises commands and events from JavaScript values, with little code in the download.
//!
//! Page and engine serialise with `serde-wasm-bindgen`, and this module reads its output: a struct is
//! an object with the fields of the struct, a variant is its name alone or an object with one field
//! of that name.
//!
//! A value of an unexpected form has one cause: the page and the engine are of different builds, and
//! both have to be loaded again. Reading it throws. Serde's code then has no error to pass on and no
//! half of a value to drop, which halves it.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use js_sys::{Array, Function, Object, Reflect, Uint8Array};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer as _,
    SeqAccess, VariantAccess, Visitor, value::StringDeserializer,
};
use serde::forward_to_deserialize_any;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};

/// The error for a value of an unexpected form.
#[derive(Debug)]
pub(crate) struct Unreadable;

/// Deserialises a value.
///
/// # Errors
/// If the value has an unexpected form.
pub(crate) fn read<T: DeserializeOwned + 'static>(value: &JsValue) -> Result<T, Unreadable> {
    let result = Rc::new(Cell::new(None));
    let slot = Rc::clone(&result);
    // JavaScript calls the closure, so that it can catch what the closure throws.
    let closure =
        Closure::once(
            move |value: JsValue| match T::deserialize(JsDeserializer(value)) {
                Ok(value) => slot.set(Some(value)),
                Err(never) => match never {},
            },
        );
    let function: &Function = closure.as_ref().unchecked_ref();
    let called = function.call1(&JsValue::UNDEFINED, value);
    called.map_err(|_| Unreadable)?;
    result.take().ok_or(Unreadable)
}

/// The error of the deserialiser. It has no value, because the deserialiser throws instead.
#[derive(Debug)]
enum Never {}

/// Ends the reading of a value that has an unexpected form.
fn throw() -> ! {
    wasm_bindgen::throw_str("unreadable")
}

impl fmt::Display for Never {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl std::error::Error for Never {}

impl Error for Never {
    fn custom<T: fmt::Display>(_: T) -> Self {
        throw()
    }
}

struct JsDeserializer(JsValue);

impl JsDeserializer {
    /// Returns the integer, or throws.
    fn integer<T: TryFrom<i64>>(&self) -> T {
        /// The greatest integer that a JavaScript number represents exactly, as do all smaller ones.
        const SAFE: f64 = 9_007_199_254_740_991.0;
        match self.0.as_f64() {
            #[allow(clippy::cast_possible_truncation)] // An integer in the range of `i64`.
            Some(number) if number.abs() <= SAFE && number.fract() == 0.0 => {
                T::try_from(number as i64).unwrap_or_else(|_| throw())
            }
            _ => throw(),
        }
    }

    /// Returns the string, or throws.
    fn string(&self) -> String {
        self.0.as_string().unwrap_or_else(|| throw())
    }

    /// Returns the variant of an enum, or throws.
    fn variant(self) -> JsVariant {
        if let Some(name) = self.0.as_string() {
            let content = JsValue::UNDEFINED;
            return JsVariant { name, content };
        }
        let object: Object = self.0.dyn_into().unwrap_or_else(|_| throw());
        let name = JsDeserializer(Object::keys(&object).get(0)).string();
        let content = field(&object, &name);
        JsVariant { name, content }
    }
}

impl<'de> Deserializer<'de> for JsDeserializer {
    type Error = Never;

    /// Throws, because no command or event has a self-describing type.
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Never> {
        throw()
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_bool(self.0.as_bool().unwrap_or_else(|| throw()))
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_u16(self.integer())
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_u32(self.integer())
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_u64(self.integer())
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_i64(self.integer())
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        self.deserialize_string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_string(self.string())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        let bytes: Uint8Array = self.0.dyn_into().unwrap_or_else(|_| throw());
        visitor.visit_byte_buf(bytes.to_vec())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        if self.0.is_undefined() || self.0.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    /// Reads a sequence. An absent one is empty.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        let list = if self.0.is_undefined() {
            Array::new()
        } else {
            self.0.dyn_into().unwrap_or_else(|_| throw())
        };
        visitor.visit_seq(ArrayElements { list, next: 0 })
    }

    /// Reads a struct as the sequence of its fields, which takes half the code of a map.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Never> {
        let object = self.0;
        visitor.visit_seq(ObjectFields { object, names })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Never> {
        visitor.visit_enum(self.variant())
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u128 f32 f64 char bytes unit unit_struct newtype_struct tuple
        tuple_struct map identifier ignored_any
    }
}

/// Returns a field, which is undefined if the object does not have it.
fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or_else(|_| throw())
}

struct ArrayElements {
    list: Array,
    next: u32,
}

impl<'de> SeqAccess<'de> for ArrayElements {
    type Error = Never;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Never> {
        if self.next >= self.list.length() {
            return Ok(None);
        }
        self.next += 1;
        seed.deserialize(JsDeserializer(self.list.get(self.next - 1)))
            .map(Some)
    }
}

struct ObjectFields {
    object: JsValue,
    names: &'static [&'static str],
}

impl<'de> SeqAccess<'de> for ObjectFields {
    type Error = Never;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Never> {
        let Some((name, rest)) = self.names.split_first() else {
            return Ok(None);
        };
        self.names = rest;
        seed.deserialize(JsDeserializer(field(&self.object, name)))
            .map(Some)
    }
}

struct JsVariant {
    name: String,
    content: JsValue,
}

impl<'de> EnumAccess<'de> for JsVariant {
    type Error = Never;
    type Variant = VariantContent;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, VariantContent), Never> {
        let name: StringDeserializer<Never> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, VariantContent(self.content)))
    }
}

struct VariantContent(JsValue);

impl<'de> VariantAccess<'de> for VariantContent {
    type Error = Never;

    fn unit_variant(self) -> Result<(), Never> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Never> {
        seed.deserialize(JsDeserializer(self.0))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Never> {
        throw()
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Never> {
        JsDeserializer(self.0).deserialize_struct("", names, visitor)
    }
}
