import JSON

extension JSONCase {
    /// What the RFC leaves to the reader, and what ours does.
    static let optional: [JSONCase] = [
        // Section 8.1: a reader may ignore a byte order mark. Ours refuses it, because other readers of the same bytes may.
        JSONCase("i_byte_order_mark", "\u{FEFF}1", refusedBy: .encoding),
        JSONCase("i_byte_order_mark_twice", "\u{FEFF}\u{FEFF}{}", refusedBy: .encoding),
        // Section 8.2: half a surrogate pair. Ours refuses it: UTF-8 cannot encode it.
        JSONCase("i_string_lead_surrogate_alone", #""\uD800""#, refusedBy: .encoding),
        JSONCase("i_string_trail_surrogate_alone", #""\uDC00""#, refusedBy: .encoding),
        JSONCase("i_string_lead_surrogate_twice", #""\uD800\uD800""#, refusedBy: .encoding),
        JSONCase("i_string_lead_surrogate_before_letter", #""\uD800a""#, refusedBy: .encoding),
        JSONCase("i_string_lead_surrogate_before_short_escape", #""\uD800\n""#, refusedBy: .encoding),
        JSONCase("i_string_lead_surrogate_before_other_escape", #""\uD83D\u0041""#, refusedBy: .encoding),
        JSONCase("i_string_surrogates_inverted", #""\uDC00\uD800""#, refusedBy: .encoding),
        JSONCase("i_string_lead_surrogate_at_the_end", #""\uD83D"#, refusedBy: .encoding),
        JSONCase("i_object_name_half_a_surrogate_pair", #"{"\uD83D":1}"#, refusedBy: .encoding),
        // Section 9: a reader may set limits. Depth, values and numbers are in the accepted cases.
        JSONCase("i_string_of_the_whole_body", "\"\(String(repeating: "a", count: 262_142))\""),
        // Section 4: names should be unique; ours must be.
        JSONCase("i_object_same_member_twice", #"{"a":null,"a":null}"#, refusedBy: .duplicateKey),
        // Section 6: what is not written exactly as binary64 writes it, but has the same decimal value.
        JSONCase("i_number_trailing_zeros", "1.50"),
        JSONCase("i_number_minus_zero_fraction", "-0.0"),
        JSONCase("i_number_integer_as_exponent", "1E400", refusedBy: .number),
        JSONCase("i_number_small_as_exponent", "123123e-7"),
    ]
}
