import NIOCore

/// Cuts what a runtime writes into lines.
final class ChildOutput: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// A line that doesn't end is shown in pieces of this size.
    private static let longestLine = 64 * 1024

    private var pending: [UInt8] = []
    private let show: (String) -> Void

    init(show: @escaping (String) -> Void) {
        self.show = show
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        for byte in Self.unwrapInboundIn(data).readableBytesView {
            if byte != UInt8(ascii: "\n") { self.pending.append(byte) }
            if byte == UInt8(ascii: "\n") || self.pending.count >= Self.longestLine { self.flush() }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !self.pending.isEmpty { self.flush() }
        context.fireChannelInactive()
    }

    private func flush() {
        self.show(String(decoding: self.pending, as: UTF8.self))
        self.pending.removeAll(keepingCapacity: true)
    }
}
