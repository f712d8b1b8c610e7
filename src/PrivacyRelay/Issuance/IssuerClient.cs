using System.Collections.Concurrent;
using PrivacyPass;
using PrivacyPass.Issuance;

namespace PrivacyRelay.Issuance;

/// <summary>
/// Asks one issuer for tokens (RFC 9578). Safe for concurrent use; it does not own the <see cref="HttpClient"/>.
/// </summary>
internal sealed class IssuerClient(HttpClient http, Uri directoryUrl, TimeProvider? timeProvider = null, Action<SkippedDirectoryKey>? skipped = null, DirectoryAudit? audit = null) : IDisposable
{
    /// <summary>The most tokens of one call.</summary>
    public const int MostTokens = 10_000;

    private const int MostConcurrent = 8;

    // A proxy that asks for a key from slightly before its time has a clock of its own, no plan to tell clients apart.
    private static readonly TimeSpan _clockSkew = TimeSpan.FromMinutes(5);
    private readonly TimeProvider _time = new SteadyTimeProvider(timeProvider ?? TimeProvider.System);
    private readonly IssuerDirectoryCache _directories = new(http, directoryUrl, timeProvider ?? TimeProvider.System, skipped, audit);

    /// <summary>The issuer's directory, fetched or as kept.</summary>
    /// <exception cref="IssuerException">It cannot be fetched or is not a directory.</exception>
    public Task<IssuerDirectory> GetDirectoryAsync(CancellationToken cancellationToken) => _directories.GetAsync(cancellationToken).AsTask();

    /// <summary>Gets tokens for a challenge. On a failure that a stale directory explains, fetches the directory once more and tries again.</summary>
    /// <param name="challenge">What the tokens are for.</param>
    /// <param name="tokenKey">
    /// The key the proxy asked for, or null for the issuer's preferred one. It must be in the issuer's directory: a proxy that hands
    /// each client a key of its own could tell them apart by their tokens (RFC 9576, section 6.2).
    /// </param>
    /// <param name="count">1 to 10,000.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="bearerKey">Sent with each request for a token, over TLS or to this machine only (RFC 6750); the directory is fetched without.</param>
    /// <param name="extensions">For a type whose tokens carry them; null for none.</param>
    /// <returns>Exactly as many tokens.</returns>
    /// <exception cref="IssuerException">The issuer gives no (more) tokens; those it gave are in the exception.</exception>
    /// <exception cref="IssuanceCanceledException">Cancelled after some tokens had come; they are in the exception.</exception>
    public async Task<IReadOnlyList<byte[]>> RequestTokensAsync(
        TokenChallenge challenge, ReadOnlyMemory<byte>? tokenKey, int count, CancellationToken cancellationToken, string? bearerKey = null, TokenExtensions? extensions = null)
    {
        ArgumentNullException.ThrowIfNull(challenge);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MostTokens);

        var tokens = new ConcurrentQueue<byte[]>();
        try
        {
            var directory = await _directories.GetAsync(cancellationToken);
            try
            {
                await RequestAsync(directory, challenge, tokenKey, bearerKey, extensions, count, tokens, cancellationToken);
            }
            catch (IssuerException e) when (e.DirectoryMayBeStale)
            {
                var fresh = await _directories.RefreshAsync(directory, cancellationToken);
                await RequestAsync(fresh, challenge, tokenKey, bearerKey, extensions, count, tokens, cancellationToken);
            }

            return [.. tokens];
        }
        catch (IssuerException e) when (!tokens.IsEmpty)
        {
            throw e.With([.. tokens]);
        }
        catch (OperationCanceledException e) when (!tokens.IsEmpty)
        {
            throw new IssuanceCanceledException([.. tokens], e);
        }
    }

    public void Dispose() => _directories.Dispose();

    /// <summary>Adds what is missing to the tokens there are; those added before a failure stay.</summary>
    private async Task RequestAsync(
        IssuerDirectory directory, TokenChallenge challenge, ReadOnlyMemory<byte>? tokenKey, string? bearerKey, TokenExtensions? extensions, int count, ConcurrentQueue<byte[]> tokens, CancellationToken cancellationToken)
    {
        using var client = CreateClient(challenge.Type, SelectKey(directory, challenge.Type, tokenKey));
        var url = ResolveRequestUrl(directory);
        if (bearerKey is not null && url.Scheme != Uri.UriSchemeHttps && !url.IsLoopback)
            throw new IssuerException($"{url} is not asked: the bearer key would go there unencrypted.");
        var requests = new IssuerRequests(http, url, bearerKey, client, challenge, extensions);
        var options = new ParallelOptions { MaxDegreeOfParallelism = MostConcurrent, CancellationToken = cancellationToken };
        if (directory.BatchLimits is { } limits) await RequestBatchesAsync(requests, limits, challenge.Type, count, tokens, options);

        // The requests under way when one fails are let finish, by not giving them the loop's own token: theirs are good tokens.
        await Parallel.ForEachAsync(Enumerable.Range(0, count - tokens.Count), options, async (_, _) =>
            tokens.Enqueue(await requests.OneAsync(cancellationToken)));
    }

    /// <summary>Adds tokens by batches, where the issuer takes some; what they leave is asked for singly.</summary>
    private static async Task RequestBatchesAsync(
        IssuerRequests requests, IssuerBatchLimits limits, TokenType type, int count, ConcurrentQueue<byte[]> tokens, ParallelOptions options)
    {
        var missing = count - tokens.Count;
        var most = limits.For(type);
        if (missing < 2 || most < 2) return;
        try
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, (missing + most - 1) / most), options, async (batch, _) =>
            {
                foreach (var token in await requests.BatchAsync(limits, Math.Min(most, missing - (batch * most)), options.CancellationToken)) tokens.Enqueue(token);
            });
        }
        catch (IssuerException e) when (IssuerRequests.IsOfBatchesOnly(e))
        {
            // The directory is older than the issuer, or the quota has tokens for some.
        }
    }

    private ReadOnlyMemory<byte> SelectKey(IssuerDirectory directory, TokenType type, ReadOnlyMemory<byte>? tokenKey)
    {
        var now = _time.GetUtcNow();
        if (tokenKey is not { } wanted)
        {
            return directory.SelectKey(type, now)?.TokenKey
                ?? throw new IssuerException($"{directoryUrl} has no key of token type {(ushort)type} that is in use.") { DirectoryMayBeStale = true };
        }

        var found = directory.TokenKeys.Any(key =>
            key.TokenType == (ushort)type && key.TokenKey.Span.SequenceEqual(wanted.Span) && (key.IsUsableAt(now) || key.IsUsableAt(now + _clockSkew)));
        return found ? wanted : throw new IssuerException(
            $"The key {TokenKeyId.Of(wanted.Span)} that the proxy asks for is not in use in {directoryUrl}: no token is requested, since a key of one's own marks a client.") { DirectoryMayBeStale = true };
    }

    private ITokenClient CreateClient(TokenType type, ReadOnlyMemory<byte> key)
    {
        try
        {
            return TokenCryptography.CreateClient(type, key.Span);
        }
        catch (TokenIssuanceException e)
        {
            throw new IssuerException($"A key in {directoryUrl} cannot be used: {e.Message}", e);
        }
    }

    private Uri ResolveRequestUrl(IssuerDirectory directory)
    {
        try
        {
            return directory.ResolveRequestUri(directoryUrl);
        }
        catch (ArgumentException e)
        {
            throw new IssuerException($"The request address of {directoryUrl} cannot be used.", e);
        }
    }
}
