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
            if byte != UInt8(ascii: "\n") { pending.append(byte) }
            if byte == UInt8(ascii: "\n") || pending.count >= Self.longestLine { flush() }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !pending.isEmpty { flush() }
        context.fireChannelInactive()
    }

    private func flush() {
        show(String(decoding: pending, as: UTF8.self))
        pending.removeAll(keepingCapacity: true)
    }
}
