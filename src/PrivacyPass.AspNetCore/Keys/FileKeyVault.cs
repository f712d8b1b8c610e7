namespace PrivacyPass.AspNetCore.Keys;

/// <summary>Private keys in the key files: 48-byte scalar for type 1, PKCS#8 DER for type 2.</summary>
internal sealed class FileKeyVault : IIssuerKeyVault
{
    public static FileKeyVault Instance { get; } = new();

    public ITokenIssuer Generate(TokenType type) => TokenCryptography.GenerateIssuer(type);

    public byte[] Seal(ITokenIssuer issuer) => issuer.ExportPrivateKey();

    public ITokenIssuer Open(TokenType type, ReadOnlySpan<byte> sealedKey) => TokenCryptography.ImportIssuer(type, sealedKey);
}
