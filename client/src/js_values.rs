//! Deserialises commands and events from JavaScript values, with little code in the download.
//!
//! Page and engine serialise with `serde-wasm-bindgen`, and this module reads its output: a struct is
//! an object with the fields of the struct, a variant is its name alone or an object with one field
//! of that name. Errors carry no message, because they have one cause: the page and the engine are of
//! different builds, and both have to be loaded again.

use std::fmt;

use js_sys::{Array, Object, Reflect, Uint8Array};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer as _,
    SeqAccess, VariantAccess, Visitor, value::StringDeserializer,
};
use serde::forward_to_deserialize_any;
use wasm_bindgen::{JsCast as _, JsValue};

/// The error for a value of an unexpected form.
#[derive(Debug)]
pub(crate) struct Unreadable;

/// Deserialises a value.
///
/// # Errors
/// If the value has an unexpected form.
pub(crate) fn read<T: DeserializeOwned>(value: JsValue) -> Result<T, Unreadable> {
    T::deserialize(Value(value))
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unreadable")
    }
}

impl std::error::Error for Unreadable {}

impl Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

struct Value(JsValue);

impl Value {
    fn integer<T: TryFrom<i64>>(&self) -> Result<T, Unreadable> {
        /// The greatest integer that a JavaScript number represents exactly, as do all smaller ones.
        const SAFE: f64 = 9_007_199_254_740_991.0;
        let number = self.0.as_f64().ok_or(Unreadable)?;
        if number.abs() > SAFE || number.fract() != 0.0 {
            return Err(Unreadable);
        }
        #[allow(clippy::cast_possible_truncation)] // An integer in the range of `i64`.
        T::try_from(number as i64).map_err(|_| Unreadable)
    }
}

impl<'de> Deserializer<'de> for Value {
    type Error = Unreadable;

    /// Fails, because no command or event has a self-describing type.
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Unreadable> {
        Err(Unreadable)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_bool(self.0.as_bool().ok_or(Unreadable)?)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_u16(self.integer()?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_u32(self.integer()?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_u64(self.integer()?)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_i64(self.integer()?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_string(self.0.as_string().ok_or(Unreadable)?)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let bytes: Uint8Array = self.0.dyn_into().map_err(|_| Unreadable)?;
        visitor.visit_byte_buf(bytes.to_vec())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.0.is_undefined() || self.0.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    /// Reads a sequence. An absent one is empty.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        let list = if self.0.is_undefined() {
            Array::new()
        } else {
            self.0.dyn_into().map_err(|_| Unreadable)?
        };
        visitor.visit_seq(ArrayElements { list, next: 0 })
    }

    /// Reads a struct as the sequence of its fields, which takes half the code of a map.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        let object = self.0;
        visitor.visit_seq(ObjectFields { object, names })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        if let Some(name) = self.0.as_string() {
            let content = JsValue::UNDEFINED;
            return visitor.visit_enum(JsVariant { name, content });
        }
        let object: Object = self.0.dyn_into().map_err(|_| Unreadable)?;
        let name = Object::keys(&object).get(0).as_string().ok_or(Unreadable)?;
        let content = field(&object, &name)?;
        visitor.visit_enum(JsVariant { name, content })
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u128 f32 f64 char bytes unit unit_struct newtype_struct tuple
        tuple_struct map identifier ignored_any
    }
}

fn field(object: &JsValue, name: &str) -> Result<JsValue, Unreadable> {
    Reflect::get(object, &JsValue::from_str(name)).map_err(|_| Unreadable)
}

struct ArrayElements {
    list: Array,
    next: u32,
}

impl<'de> SeqAccess<'de> for ArrayElements {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unreadable> {
        if self.next >= self.list.length() {
            return Ok(None);
        }
        self.next += 1;
        seed.deserialize(Value(self.list.get(self.next - 1)))
            .map(Some)
    }
}

struct ObjectFields {
    object: JsValue,
    names: &'static [&'static str],
}

impl<'de> SeqAccess<'de> for ObjectFields {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unreadable> {
        let Some((name, rest)) = self.names.split_first() else {
            return Ok(None);
        };
        self.names = rest;
        seed.deserialize(Value(field(&self.object, name)?))
            .map(Some)
    }
}

struct JsVariant {
    name: String,
    content: JsValue,
}

impl<'de> EnumAccess<'de> for JsVariant {
    type Error = Unreadable;
    type Variant = VariantContent;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, VariantContent), Unreadable> {
        let name: StringDeserializer<Unreadable> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, VariantContent(self.content)))
    }
}

struct VariantContent(JsValue);

impl<'de> VariantAccess<'de> for VariantContent {
    type Error = Unreadable;

    fn unit_variant(self) -> Result<(), Unreadable> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, Unreadable> {
        seed.deserialize(Value(self.0))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Unreadable> {
        Err(Unreadable)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        Value(self.0).deserialize_struct("", names, visitor)
    }
}
