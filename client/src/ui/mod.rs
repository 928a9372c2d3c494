//! The page: Yew components that draw what the engine reports and send what the reader asks.
