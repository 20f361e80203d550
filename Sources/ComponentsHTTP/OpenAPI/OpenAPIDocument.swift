import JSON

struct OpenAPIDocument {
    let version: String
    var json: JSONValue { ["openapi": "3.1.0", "info": ["title": "x", "version": .string(version)], "paths": [:]] }
}
