import Testing

@testable import Components

struct PunycodeTests {
    /// Samples of RFC 3492, section 7.1, and names of hosts.
    @Test(arguments: [
        ("bücher.example", "xn--bcher-kva.example"), ("münchen.de", "xn--mnchen-3ya.de"),
        ("他们为什么不说中文", "xn--ihqwcrb4cv8a8dqg056pqjye"),
        ("почемужеонинеговорятпорусски", "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l"),
        ("3年b組金八先生", "xn--3b-ww4c5e180e575a65lsy2b"), ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"), ("EXAMPLE.org", "example.org"), ("BU\u{308}CHER.de", "xn--bcher-kva.de"),
        ("🚀.example", nil), ("é–é", nil), (String(repeating: "é", count: 70), nil),
        (String(repeating: "aé", count: 30), nil),
    ])
    func writesNamesInASCII(_ name: String, _ ascii: String?) {
        #expect(Punycode.host(name) == ascii)
    }
}
