import CBLAS

/// OpenBLAS, made ready once per process, before its first product: a script without one does not wait for it.
public enum BLAS {
  private static let ready: Void = nns_blas_prepare()

  /// Chooses kernels for this processor. Costs nothing after the first time.
  static func prepare() { ready }

  /// The processor that the products' kernels are meant for: `SkylakeX`.
  public static var coreName: String {
    prepare()
    return String(cString: nns_blas_core())
  }
}
