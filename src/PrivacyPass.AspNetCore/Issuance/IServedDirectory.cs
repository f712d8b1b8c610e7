using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace PrivacyPass.AspNetCore.Issuance;

/// <summary>Where the directory that is served comes from.</summary>
internal interface IServedDirectory
{
    /// <exception cref="IOException">There is none to be had now.</exception>
    ValueTask<ServedDirectory> GetAsync(CancellationToken cancellationToken);
}

/// <summary>A version of it.</summary>
/// <param name="Body">Its bytes.</param>
/// <param name="MaxAge">For how long caches may keep it.</param>
internal record ServedDirectory(byte[] Body, TimeSpan MaxAge)
{
    public EntityTagHeaderValue ETag { get; } = new($"\"{Convert.ToHexStringLower(SHA256.HashData(Body)[..16])}\"");

    public string CacheControl { get; } = $"public, max-age={(long)MaxAge.TotalSeconds}";
}
