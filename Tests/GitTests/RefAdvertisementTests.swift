import Testing

@testable import Git

struct RefAdvertisementTests {
    private static let one = String(repeating: "1", count: 40)
    private static let two = String(repeating: "2", count: 64)

    private func packets(_ lines: [String]) -> [PacketLineReader.Packet] {
        lines.map { $0.isEmpty ? .flush : .data(Array($0.utf8)) }
    }

    @Test func readsVersions0And1() throws {
        let lines = [
            "\(Self.one) HEAD\0multi_ack symref=HEAD:refs/heads/main symref=x agent=git\n",
            "\(Self.one) refs/heads/main\n", "\(Self.one) refs/tags/v1", "\(Self.two) refs/tags/v1^{}",
            "shallow \(Self.one)", "",
        ]
        let refs = [
            AdvertisedRef(name: "HEAD", object: Self.one, target: "refs/heads/main"),
            AdvertisedRef(name: "refs/heads/main", object: Self.one),
            AdvertisedRef(name: "refs/tags/v1", object: Self.one, peeled: Self.two),
        ]
        for before in [[], ["# service=git-upload-pack\n", ""], ["version 1\n"]] {
            let read = try RefAdvertisement(advertisement: packets(before + lines))
            #expect(read.refs == refs)
            #expect(read.capabilities == nil)
            #expect(!read.hasListing)
        }
        let empty = ["\(String(repeating: "0", count: 40)) capabilities^{}\0agent=git", ""]
        #expect(try RefAdvertisement(advertisement: packets(empty)).refs.isEmpty)
        #expect(try RefAdvertisement(advertisement: []).refs.isEmpty)
    }

    @Test func readsTheCapabilitiesOfVersion2() throws {
        let lines = ["version 2\n", "agent=git\n", "ls-refs=unborn\n", "object-format=sha256\n", ""]
        for before in [[], ["# service=git-upload-pack\n", ""]] {
            let read = try RefAdvertisement(advertisement: packets(before + lines))
            #expect(read.hasListing)
            #expect(read.objectFormat == "sha256")
            #expect(read.refs.isEmpty)
        }
        #expect(try RefAdvertisement(advertisement: packets(["version 2", "ls-refs", ""])).hasListing)
        #expect(try !RefAdvertisement(advertisement: packets(["version 2", "fetch", ""])).hasListing)
        #expect(try RefAdvertisement(advertisement: packets(["version 2", "fetch", ""])).objectFormat == nil)
    }

    @Test func readsAListing() throws {
        let read = try RefAdvertisement(
            listing: packets([
                "\(Self.one) HEAD symref-target:refs/heads/main\n", "unborn HEAD symref-target:refs/heads/x",
                "\(Self.one) refs/tags/v1 peeled:\(Self.two) other:x", "",
            ]))
        #expect(
            read.refs == [
                AdvertisedRef(name: "HEAD", object: Self.one, target: "refs/heads/main"),
                AdvertisedRef(name: "refs/tags/v1", object: Self.one, peeled: Self.two),
            ])
        #expect(read.refs.map(\.commit) == [Self.one, Self.two])
    }

    @Test(arguments: [
        ["x refs/heads/main", ""], ["\(one)", ""], ["\(one) ", ""], ["# service=git-upload-pack", "\(one) HEAD"],
        ["\(one) HEAD^{}", ""], ["\(one) a", "\(one) b^{}", ""], ["\(one) HEAD", "\u{0}"],
        [one.dropLast() + "g HEAD", ""],
    ])
    func refusesWhatIsNoAdvertisement(_ lines: [String]) {
        #expect(throws: RefAdvertisement.Fault.malformed) {
            try RefAdvertisement(advertisement: packets(lines))
        }
    }

    @Test(arguments: [["x refs/heads/main"], [one], ["\(one) "], ["\(one) a peeled:x"]])
    func refusesWhatIsNoListing(_ lines: [String]) {
        #expect(throws: RefAdvertisement.Fault.malformed) { try RefAdvertisement(listing: packets(lines)) }
    }

    @Test func refusesPacketsThatAreNoText() {
        for packet in [PacketLineReader.Packet.delimiter, .data([0xFF])] {
            #expect(throws: RefAdvertisement.Fault.malformed) { try RefAdvertisement(listing: [packet]) }
            #expect(throws: RefAdvertisement.Fault.malformed) {
                try RefAdvertisement(advertisement: [.data(Array("version 2".utf8)), packet])
            }
            #expect(throws: RefAdvertisement.Fault.malformed) {
                try RefAdvertisement(advertisement: [.data(Array("version 1".utf8)), packet])
            }
        }
    }

    @Test func passesTheServersOwnErrorOn() {
        let error = RefAdvertisement.Fault.server("access denied")
        #expect(throws: error) { try RefAdvertisement(advertisement: packets(["ERR access denied\n"])) }
        #expect(throws: error) { try RefAdvertisement(listing: packets(["ERR access denied"])) }
    }

    @Test func readsSoManyRefsAndNoMore() throws {
        let lines = (0..<RefAdvertisement.maximumRefs).map { "\(Self.one) refs/heads/b\($0)" }
        #expect(try RefAdvertisement(listing: packets(lines)).refs.count == lines.count)
        let fault = RefAdvertisement.Fault.tooManyRefs(limit: lines.count)
        #expect(throws: fault) { try RefAdvertisement(listing: packets(lines + ["\(Self.one) refs/heads/x"])) }
        #expect(throws: fault) { try RefAdvertisement(advertisement: packets(lines + ["\(Self.one) refs/heads/x"])) }
    }

    @Test func tellsWholeIdsFromShortOnes() {
        for (text, isWhole, isShort) in [
            (Self.one, true, false), (Self.two, true, false), ("72225e2", false, true), ("ABCDEF", false, true),
            ("abc", false, false), ("main", false, false), ("\(Self.one)1", false, false),
            (Self.one.dropLast() + "g", false, false),
        ] {
            #expect(ObjectID.isWhole(text) == isWhole, "\(text)")
            #expect(ObjectID.isShort(text) == isShort, "\(text)")
        }
    }
}
