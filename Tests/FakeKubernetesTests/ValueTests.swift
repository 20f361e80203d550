import Testing

@testable import FakeKubernetes

/// JSON as Go reads and writes it.
@Suite struct ValueTests {
    @Test(arguments: [
        ("1.0", "1"), ("-0.0", "0"), ("-0", "0"), ("1e2", "100"), ("1E22", "1e+22"),
        ("-544305003.5E+10", "-5443050035000000000"), ("1e21", "1e+21"),
        ("18446744073709551615", "18446744073709552000"), ("9223372036854775807", "9223372036854775807"),
        ("9007199254740993", "9007199254740993"), ("0.000001", "0.000001"), ("0.0000001", "1e-7"), ("1.5", "1.5"),
        ("123456.789", "123456.789"), ("5e-324", "5e-324"), ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("-12.50", "-12.5"), ("0.1", "0.1"), ("100000000000000000000", "100000000000000000000"),
    ])
    func writesNumbersAsGoDoes(read: String, written: String) throws {
        #expect(try Value(parsing: Array(read.utf8)).text == written)
    }

    @Test(arguments: [
        ("", "unexpected end of JSON input"), (#"{"a": "#, "unexpected end of JSON input"),
        ("{a}", "invalid character 'a' looking for beginning of object key string"),
        (#"{"a" 1}"#, "invalid character '1' after object key"),
        (#"{"a":1 "b"}"#, #"invalid character '"' after object key:value pair"#),
        ("[1 2]", "invalid character '2' after array element"),
        ("nul!", "invalid character '!' in literal null (expecting 'l')"),
        ("1 2", "invalid character '2' after top-level value"), ("01", "invalid character '1' after top-level value"),
        ("-a", "invalid character 'a' in numeric literal"),
        (#""\x""#, "invalid character 'x' in string escape code"),
        ("\"\n\"", #"invalid character '\n' in string literal"#),
        ("1e400", "json: cannot unmarshal number 1e400 into Go value of type float64"),
    ])
    func complainsInGosWords(text: String, message: String) {
        #expect(throws: ValueSyntaxError(message: message)) { try Value(parsing: Array(text.utf8)) }
    }

    @Test func tellsWhichKeysStandTwice() throws {
        let text = #"{"a":1,"b":{"c":[{"d":1,"d":2},{"d":3}],"c":[]},"a":2}"#
        let read = try Value.read(Array(text.utf8))
        #expect(read.duplicates == ["b.c[0].d", "b.c", "a"])
        #expect(read.value == ["a": 2, "b": ["c": []]])
    }

    @Test func keepsKeysInTheOrderOfTheirBytes() throws {
        #expect(
            try Value(parsing: Array(#"{"b":1,"a":{"ä":1,"z":2},"B":3}"#.utf8)).text
                == #"{"B":3,"a":{"z":2,"ä":1},"b":1}"#)
    }

    @Test func readsWhatIsNoUnicodeAsGoDoes() throws {
        #expect(try Value(parsing: Array(#""\ud800x""#.utf8)) == "\u{FFFD}x")
        #expect(try Value(parsing: Array(#""\ud83d\ude00""#.utf8)) == "😀")
        #expect(try Value(parsing: [0x22, 0xFF, 0x22]) == "\u{FFFD}")
    }

    @Test func readsAndWritesEverythingBack() throws {
        let text = #"{"a":[null,true,false,-1,1.5,"\"\\\n\u0001é"],"b":{}}"#
        #expect(try Value(parsing: Array(text.utf8)).text == text)
    }

    @Test func changesAMemberInPlace() {
        var value: Value = ["metadata": ["name": "a"]]
        value.set("b", at: "metadata", "labels", "x")
        value.set(nil, at: "metadata", "name")
        value.set(nil, at: "spec", "nothing")
        #expect(value == ["metadata": ["labels": ["x": "b"]]])
    }
}
