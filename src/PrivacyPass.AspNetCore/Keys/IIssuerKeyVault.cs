namespace PrivacyPass.AspNetCore.Keys;

/// <summary>
/// Where private keys are: in the key files themselves, unless another vault is given (<see cref="IssuerKeyRingOptions.Vault"/>). The seam for hardware: a vault
/// that seals to a handle, and opens it to an issuer that signs in the device. None is included. The device must offer the bare operation: RSA without padding
/// (PKCS#11: CKM_RSA_X_509) for type 2, the multiplication of a P-384 point by the secret for type 1, which few do.
/// </summary>
public interface IIssuerKeyVault
{
    /// <summary>Makes a key.</summary>
    ITokenIssuer Generate(TokenType type);

    /// <summary>What the key file holds as "private-key": enough for <see cref="Open"/>, for this vault alone. At most 8 KB; cleared by the caller.</summary>
    byte[] Seal(ITokenIssuer issuer);

    /// <summary>The key of a file.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="sealedKey">What <see cref="Seal"/> gave.</param>
    /// <exception cref="TokenIssuanceException">It cannot be opened; the file is named, and the start refused.</exception>
    ITokenIssuer Open(TokenType type, ReadOnlySpan<byte> sealedKey);
}
