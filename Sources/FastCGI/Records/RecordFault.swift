/// The rule that a peer broke, for the log: the connection is closed without an answer.
///
/// None of these comes from a web server that works, so none is worth one.
enum RecordFault: String, Error {
    case version = "a record of another version than 1"
    case managementRecord = "a management record"
    case recordType = "a record that has no place here"
    case foreignRecord = "a record of a request that was never begun"
    case beginBody = "a begin-request record of a wrong length"
    case role = "another role than responder"
    case begunTwice = "the same request begun twice"
    case tooManyRefused = "too many requests on one connection at a time"
    case aborted = "the request was aborted"
    case parameterBytes = "too many bytes of parameters"
    case parameterCount = "too many parameters"
    case parameterTruncated = "parameters that end within a pair"
    case parameterName = "a parameter name that is empty or holds '=' or anything but visible ASCII"
    case parameterValue = "a parameter value that holds NUL"
    case parameterTwice = "a parameter twice that must be unambiguous"
    case endless = "a request that does not end"
}
