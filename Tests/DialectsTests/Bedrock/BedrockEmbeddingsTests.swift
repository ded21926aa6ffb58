import Dialects
import Testing

@Suite("Embeddings of Bedrock")
struct BedrockEmbeddingsTests {
}
