import Logging
import Testing

@testable import Git

struct AddressRuleTests {
    @Test(arguments: [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254",
        "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
        "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "::10.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b::a00:1", "64:ff9b:1::808:808", "2002:7f00:1::", "2002:a00:1::1", "2001::1", "2001:0:5ef5:79fd::1",
        "2001:db8::1", "3fff::1", "100::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1",
        "4000::1", "2606:4700::5efe:10.0.0.1", "2606:4700:0:0:200:5efe:7f00:1", "fe80::5efe:8.8.8.8",
        "fd12:3456::200:5efe:808:808", "2002:a00:1::5efe:8.8.8.8", "2002:808:808::5efe:10.0.0.1",
    ])
    func refusesWhatIsNotPublicInWhateverForm(_ address: String) throws {
        #expect(try !AddressRule().allows(#require(IPAddress(address))))
    }

    @Test(arguments: [
        "1.1.1.1", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "185.15.59.224", "198.20.0.1",
        "223.255.255.255", "2606:4700::1111", "2620:0:861:ed1a::1", "::ffff:1.1.1.1", "64:ff9b::101:101",
        "2002:101:101::1", "2606:4700::5efe:8.8.8.8",
    ])
    func allowsThePublicInternet(_ address: String) throws {
        #expect(try AddressRule().allows(#require(IPAddress(address))))
    }

    @Test func rangesOpenAndClose() throws {
        let loopback = try #require(AddressRange("127.0.0.0/8"))
        let cluster = try #require(AddressRange("185.15.56.0/22"))
        let rule = AddressRule(allowing: [loopback], refusing: [cluster])
        #expect(try rule.allows(#require(IPAddress("127.0.0.1"))))
        #expect(try rule.allows(#require(IPAddress("::ffff:127.0.0.1"))))
        #expect(try !rule.allows(#require(IPAddress("::1"))))
        #expect(try !rule.allows(#require(IPAddress("185.15.59.1"))))
        #expect(try !rule.allows(#require(IPAddress("::ffff:185.15.59.1"))))
        #expect(try rule.allows(#require(IPAddress("185.15.60.1"))))
    }

    @Test(arguments: ["0.0.0.0/0", "10.0.0.1", "::/0", "fe80::/10", "1.2.3.4/32"])
    func readsRanges(_ text: String) {
        #expect(AddressRange(text) != nil)
    }

    @Test(arguments: [
        "", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0.0/", "10/8", "x/8", "::/129", "010.0.0.1",
    ])
    func refusesWhatIsNoRange(_ text: String) {
        #expect(AddressRange(text) == nil)
    }

    /// Hosts by which a URL can mean an address inside, through the system's own resolver.
    @Test(arguments: [
        "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "0",
        "0.0.0.0",
        "10.0.0.1", "192.168.0.1", "172.16.0.1", "169.254.169.254", "2852039166", "0xa9fea9fe", "100.64.0.1",
        "localhost",
        "localhost.", "LOCALHOST", "127.0.0.1.", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:7f00:0001]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.1]", "[2002:7f00:1::]",
        "[fe80::1]", "[fc00::1]", "[fd00::1]", "[ff02::1]", "[2001:db8::1]", "224.0.0.1", "255.255.255.255",
        "198.18.0.1",
        "240.0.0.1", "192.0.0.192",
    ])
    func noHostLeadsInside(_ host: String) async throws {
        let client = GitClient(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let error = try await #require(throws: GitError.self) {
            try await client.resolve("main", in: "http://\(host):1/r.git")
        }
        // A resolver may refuse the odd forms itself.
        #expect([.addressRefused, .repositoryUnreachable].contains(error.code))
        #expect(error.code == .addressRefused || error.message.contains("has no address"), "\(error)")
    }

    @Test(arguments: [
        "http://user@1.1.1.1/r", "http://1.1.1.1@127.0.0.1/r", #"http://1.1.1.1\@127.0.0.1/r"#,
        "http://1.1.1.1#@127.0.0.1/r", "git://1.1.1.1/r", "file:///etc", "http:///r", "http://1.1.1.1:99999/r",
        "HTTP://1.1.1.1/r",
    ])
    func noOtherURLIsAsked(_ url: String) async throws {
        let client = GitClient(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let error = try await #require(throws: GitError.self) { try await client.resolve("main", in: url) }
        #expect(error.code == .unsupportedScheme)
    }
}
