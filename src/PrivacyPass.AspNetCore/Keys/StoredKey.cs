namespace PrivacyPass.AspNetCore.Keys;

/// <summary>A key and the file it is from.</summary>
/// <param name="Key">The key.</param>
/// <param name="Path">Its file.</param>
/// <param name="Stamp">Of the file as it was read: another when it was written since.</param>
internal sealed record StoredKey(IssuerKey Key, string Path, string Stamp);
