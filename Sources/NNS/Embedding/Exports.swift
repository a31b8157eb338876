// What the API speaks of and modules below declare: `import NNS` is enough for a program that embeds an interpreter.
@_exported import struct NNSSyntax.Diagnostic
@_exported import struct NNSSyntax.Renderer
@_exported import struct NNSSyntax.SourceFile
@_exported import struct NNSSyntax.SourceMap
@_exported import struct NNSSyntax.Span
@_exported import enum NNSTensor.DType
@_exported import enum NNSTensor.Scalar
@_exported import struct NNSTensor.Shape
@_exported import class NNSTensor.Tensor
@_exported import protocol NNSTensor.TensorElement
@_exported import struct NNSTensor.TensorError
