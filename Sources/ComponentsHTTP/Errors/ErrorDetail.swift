import HTTPTypes
import JSON
import YAML

/// One of the sentences of an error, and the place that it is about.
struct ErrorDetail: Equatable {
    /// What is wrong and what to do.
    var message: String
    /// The keys and indices that lead to it in the config or in the body; `nil` if it is about no such place.
    var path: [String]?
    /// Whether `path` leads into the body of the request, not into what is stored.
    var isInBody = false
    /// Its place in the text of the body, if it is known.
    var place: JSONPlaces.Place?

    /// A sentence about no place.
    init(_ message: String) { self.message = message }

    /// A sentence about what is sent or stored.
    init(_ message: String, at path: [String], isInBody: Bool) {
        self.message = message
        self.path = path
        self.isInBody = isInBody
    }

    /// A sentence about a place in the text of the body.
    init(_ message: String, at place: JSONPlaces.Place?) {
        self.message = message
        self.place = place
    }

    /// `detail`, and, if they are known, `pointer` (RFC 6901, as the fragment of a URI, section 6), `line` and `column`.
    var json: JSONValue {
        var json: JSONObject = ["detail": .string(message)]
        json["pointer"] = path.map { .string(Self.pointer($0)) }
        if let place {
            json["line"] = .number(JSONNumber(place.line))
            json["column"] = .number(JSONNumber(place.column))
        }
        return .object(json)
    }

    private static func pointer(_ path: [String]) -> String {
        var pointer = "#"
        for key in path {
            pointer += "/"
            for byte in key.utf8 {
                switch byte {
                case UInt8(ascii: "~"): pointer += "~0"
                case UInt8(ascii: "/"): pointer += "~1"
                case _ where byte.isURIUnreserved || "!$&'()*+,;=:@?".utf8.contains(byte):
                    pointer.unicodeScalars.append(Unicode.Scalar(byte))
                default:
                    let digits = String(byte, radix: 16, uppercase: true)
                    pointer += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
                }
            }
        }
        return pointer
    }
}

extension ErrorResponse {
    /// Finds the places of what is wrong with the body in its text.
    mutating func locate(in request: APIRequest) {
        guard details.contains(where: \.isInBody), case .success(let body) = request.body,
            let places = Self.places(in: body, contentType: request.head.headerFields[.contentType])
        else { return }
        for index in details.indices where details[index].isInBody {
            details[index].place = details[index].path.map { places.place(of: $0) }
        }
    }

    private static func places(in body: [UInt8], contentType: String?) -> JSONPlaces? {
        switch try? BodyFormat(contentType: contentType) {
        case .json: try? JSONPlaces(parsing: body)
        case .yaml: try? JSONPlaces(parsingYAML: body)
        case nil: nil
        }
    }
}
