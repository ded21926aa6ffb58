/// Parses HTTP/1.1 messages as their bytes arrive. It trusts its peer: a fault shows up as missing chunks.
struct MessageReader {
    enum Part {
        case head(MessageHead)
        case body(UnsafeRawBufferPointer)
        case end
    }

    private enum State {
        case head
        case counted(left: Int)
        case chunkSize(Int)
        case chunk(left: Int)
        case chunkEnd
        case trailers(lineLength: Int)
    }

    private var state = State.head
    private var head: [UInt8] = []

    mutating func read(_ bytes: UnsafeRawBufferPointer, _ receive: (Part) -> Void) {
        var rest = bytes[...]
        while let byte = rest.first {
            switch state {
            case .counted(let left), .chunk(let left):
                let piece = rest.prefix(left)
                rest = rest.dropFirst(piece.count)
                receive(.body(UnsafeRawBufferPointer(rebasing: piece)))
                take(piece.count, of: left, receive)
            default:
                rest = rest.dropFirst()
                readFraming(byte, receive)
            }
        }
    }

    private mutating func take(_ count: Int, of left: Int, _ receive: (Part) -> Void) {
        switch state {
        case .counted where count == left: end(receive)
        case .counted: state = .counted(left: left - count)
        default: state = count == left ? .chunkEnd : .chunk(left: left - count)
        }
    }

    private mutating func readFraming(_ byte: UInt8, _ receive: (Part) -> Void) {
        let isLineEnd = byte == UInt8(ascii: "\n")
        switch state {
        case .head:
            head.append(byte)
            if isLineEnd && head.suffix(4).elementsEqual("\r\n\r\n".utf8) { readHead(receive) }
        case .chunkSize(let size) where isLineEnd: state = size == 0 ? .trailers(lineLength: 0) : .chunk(left: size)
        case .chunkSize(let size): state = .chunkSize(hexadecimal(byte).map { size << 4 | $0 } ?? size)
        case .chunkEnd where isLineEnd: state = .chunkSize(0)
        case .trailers(0) where isLineEnd: end(receive)
        case .trailers where isLineEnd: state = .trailers(lineLength: 0)
        case .trailers(let length): state = .trailers(lineLength: byte == UInt8(ascii: "\r") ? length : length + 1)
        default: break
        }
    }

    private mutating func readHead(_ receive: (Part) -> Void) {
        let message = MessageHead(head)
        head.removeAll(keepingCapacity: true)
        receive(.head(message))
        if message.isChunked {
            state = .chunkSize(0)
        } else if let length = message.contentLength, length > 0 {
            state = .counted(left: length)
        } else {
            end(receive)
        }
    }

    private mutating func end(_ receive: (Part) -> Void) {
        state = .head
        receive(.end)
    }

    private func hexadecimal(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte) - 0x30
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte) - 0x57
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte) - 0x37
        default: nil
        }
    }
}
