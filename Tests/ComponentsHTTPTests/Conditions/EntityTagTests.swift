import Components
import HTTPTypes
import Testing

@testable import ComponentsHTTP

struct EntityTagTests {
    private static func strong(_ opaque: String) -> EntityTag { EntityTag(isWeak: false, opaque: opaque) }

    @Test(
        arguments: [
            ("*", .any), (" * \t", .any), ("\"1\"", .tags([strong("1")])), ("\"\"", .tags([strong("")])),
            ("W/\"1\"", .tags([EntityTag(isWeak: true, opaque: "1")])),
            ("\"1\", W/\"2\" ,\t\"3\"", .tags([strong("1"), EntityTag(isWeak: true, opaque: "2"), strong("3")])),
            (", \"1\",,\"2\", ", .tags([strong("1"), strong("2")])), ("\"a,b*\"", .tags([strong("a,b*")])),
            ("\"\\\"", .tags([strong("\\")])), ("\"é\"", .tags([strong("é")])),
        ] as [(String, EntityTagList)])
    func listsAreRead(_ text: String, _ expected: EntityTagList) {
        #expect(EntityTagList(text) == expected)
    }

    @Test(arguments: [
        "", " ", ",", "1", "\"1", "1\"", "\"1\" \"2\"", "w/\"1\"", "W/ \"1\"", "W/*", "W/1", "*,\"1\"", "\"1\",*", "**",
        "\"a b\"", "\"a\u{7F}\"", "\"1\";x", "'1'",
    ])
    func whatIsNoListIsRefused(_ text: String) {
        #expect(EntityTagList(text) == nil)
    }

    @Test func theTagsOfTheFormatsDifferAndNameTheSameVersion() {
        let tags = BodyFormat.allCases.map { EntityTag(version: "48213", format: $0) }
        #expect(tags.map(\.text) == ["\"48213\"", "\"48213-yaml\""])
        #expect(tags.map(\.version) == ["48213", "48213"])
        #expect(!tags[0].isWeaklyEqual(to: tags[1]))
    }

    @Test func weaknessCountsForMatchAlone() throws {
        let fields: HTTPFields = [.ifMatch: "W/\"1\", \"2-yaml\"", .ifNoneMatch: "W/\"3\", \"4\""]
        let conditions = try RequestConditions(APIRequest(.post, "/", fields: fields).head)
        #expect(conditions.precondition == .init(match: .listed(["2"]), noneMatch: .listed(["3", "4"])))
        #expect(conditions.isNotModified(EntityTag(version: "3", format: .json)))
        #expect(!conditions.isNotModified(EntityTag(version: "3", format: .yaml)))
    }

    @Test func severalFieldsAreOneList() throws {
        var request = APIRequest(.post, "/")
        request.head.headerFields.append(HTTPField(name: .ifMatch, value: "\"1\""))
        request.head.headerFields.append(HTTPField(name: .ifMatch, value: "\"2\""))
        #expect(try RequestConditions(request.head).precondition == .init(match: .listed(["1", "2"])))
        request.head.headerFields.append(HTTPField(name: .ifMatch, value: "*"))
        #expect(throws: RequestFault.self) { try RequestConditions(request.head) }
    }
}
