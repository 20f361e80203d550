import JSON
import Testing

struct JSONNumberTests {
    @Test(arguments: ["0", "-0", "1.0", "1E22", "0.1", "9223372036854775807", "-9223372036854775808", "1e-7", "3.25e2"])
    func survivesStorageIfIntegerOrShortestBinary64(_ literal: String) throws {
        #expect(try #require(JSONNumber(literal)).survivesStorage)
    }

    @Test(arguments: [
        "1e400", "9223372036854775808", "0.10000000000000000001", "1e-400", "18446744073709551615",
        "1e99999999999999999999",
    ])
    func doesNotSurviveStorageIfTheDecimalValueWouldChange(_ literal: String) throws {
        #expect(try !#require(JSONNumber(literal)).survivesStorage)
    }

    @Test func equalityIsOfDecimalValues() {
        #expect(JSONNumber("1.0") == JSONNumber("1"))
        #expect(JSONNumber("-0") == JSONNumber("0.0e5"))
        #expect(JSONNumber("120e-1") == JSONNumber("12"))
        #expect(JSONNumber("9007199254740993") != JSONNumber("9007199254740992"))
        #expect(JSONNumber("1") != JSONNumber("-1"))
    }

    @Test(arguments: ["", "-", "01", "1.", ".5", "+1", "1e", "1e+", "NaN", "0x1", "1 ", "--1"])
    func refusesWhatIsNotJSONsGrammar(_ literal: String) {
        #expect(JSONNumber(literal) == nil)
    }
}
