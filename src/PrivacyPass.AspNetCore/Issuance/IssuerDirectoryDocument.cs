using Microsoft.Extensions.Options;
using PrivacyPass.AspNetCore.Keys;
using PrivacyPass.Issuance;

namespace PrivacyPass.AspNetCore.Issuance;

/// <summary>The directory as it is served: the same bytes to everybody until the keys change, and where there is a log not before it has them.</summary>
internal sealed class IssuerDirectoryDocument(IssuerKeyRing keys, IOptions<PrivacyPassIssuerOptions> options, IEnumerable<IIssuerDirectoryLog> logs) : IServedDirectory
{
    private readonly IIssuerDirectoryLog[] _logs = [.. logs];
    private readonly string _requestUri = options.Value.RequestUri?.OriginalString ?? options.Value.RequestPath;
    private readonly IssuerBatchLimits? _batchLimits = options.Value.MaxBatch is > 0 and var most ? new IssuerBatchLimits(most, most) : null;
    private readonly TimeSpan _maxAge = options.Value.DirectoryMaxAge;
    private volatile Version? _served;

    /// <summary>What is served now.</summary>
    public Version Current => _served is { } served && (_logs.Length > 0 || ReferenceEquals(served.Keys, keys.Keys)) ? served : _served = Make();

    public ValueTask<ServedDirectory> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult<ServedDirectory>(Current);

    /// <summary>Takes over changed keys, once every log has the version with them.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (_served is { } served && ReferenceEquals(served.Keys, keys.Keys)) return;
        var next = Make();
        foreach (var log in _logs) await log.AppendAsync(next.Body, cancellationToken);
        _served = next;
    }

    private Version Make()
    {
        var live = keys.Keys;
        var entries = live.Select(key => new IssuerDirectoryKey((ushort)key.Type, key.PublicKey, key.NotBefore, key.NotAfter));
        var body = new IssuerDirectory(_requestUri, entries, _batchLimits).WriteJson();
        return new Version(live, body, _maxAge);
    }

    internal sealed record Version(IReadOnlyList<IssuerKey> Keys, byte[] Body, TimeSpan MaxAge) : ServedDirectory(Body, MaxAge);
}
