/// What a JSON answer is, by how it begins.
enum JSONStart: Equatable {
    case answer
    /// It begins with an `error`, or says that it is one.
    case error
    /// It begins with a member that errors have, and perhaps an answer too.
    case perhapsError
    case nothing(NoAnswer)

    /// - Parameters:
    ///   - bytes: the beginning.
    ///   - isWhole: nothing follows.
    init(_ bytes: UnsafeRawBufferPointer, isWhole: Bool) {
        let start = bytes.startOfContent
        guard start < bytes.count else {
            self = isWhole ? .nothing(.empty) : .answer
            return
        }
        guard let closer = bytes[start].closer else {
            self = .nothing(bytes.isPage ? .page : .noJSON)
            return
        }
        var probe = ErrorProbe(bytes: bytes, position: start)
        let tells = probe.find() ?? .answer
        let isCutOff = isWhole && bytes.last { !$0.isWhiteSpace } != closer
        self = isCutOff && tells != .error ? .nothing(.cutOff) : tells
    }
}

/// Why an answer is none, though its status is one of success: what its body is instead.
enum NoAnswer: Equatable {
    case empty, page, noJSON, cutOff
}

extension UnsafeRawBufferPointer {
    /// Whether it begins as HTML and XML do.
    var isPage: Bool {
        let start = startOfContent
        return start < count && self[start] == UInt8(ascii: "<")
    }
}

extension UInt8 {
    var isWhiteSpace: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }

    /// With what a JSON object or array ends that begins with this; nil if none does.
    var closer: UInt8? {
        switch self {
        case UInt8(ascii: "{"): UInt8(ascii: "}")
        case UInt8(ascii: "["): UInt8(ascii: "]")
        default: nil
        }
    }
}
