using System.Buffers.Binary;
using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using PrivacyPass;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Sqlite;

namespace PrivacyProxy.LoadTests.Durability;

/// <summary>The process that gets killed: offers every token four times, twice at once, and reports each accept on standard output after it has been told.</summary>
internal static class SpendingProcess
{
    private const int Passes = 2;
    private const int Racers = 2;

    /// <summary>No multiple of it is a number of tokens here: stepping by it visits all of them.</summary>
    private const long Step = 2_147_483_647;

    private static readonly TokenKeyId _issuer = TokenKeyId.Of("durability"u8);

    /// <summary>The token of a number, the same in every process.</summary>
    public static SpentToken Token(int number)
    {
        Span<byte> seed = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(seed, number);
        Span<byte> key = stackalloc byte[SpentTokenKey.Size];
        System.Security.Cryptography.SHA256.HashData(seed, key);
        return new SpentToken(new SpentTokenKey(key), _issuer, DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeSeconds());
    }

    /// <summary>
    /// Runs to the end, 0 when every spend was answered; or gets SIGKILL from its own hand with the given report, while its other callers
    /// are spending. A killer outside would come after however much the pipe between them holds: on a quick machine, all of it.
    /// </summary>
    public static async Task<int> RunAsync(DurabilitySettings settings, int killAfter, Stream reports)
    {
        var options = new SqliteSpentTokenOptions { File = settings.File, Deadline = TimeSpan.FromSeconds(30) };
        await using var store = SqliteSpentTokenStore.Open(options, TimeProvider.System, NullLogger.Instance);
        var (next, unanswered, reported) = (-1, 0, 0);
        var gate = new Lock();
        await Task.WhenAll(Enumerable.Range(0, settings.Callers).Select(_ => Task.Run(OfferAsync)));
        return unanswered == 0 ? 0 : 1;

        async Task OfferAsync()
        {
            while (Interlocked.Increment(ref next) is var offer && offer < settings.Tokens * Passes * Racers)
            {
                var number = (int)((offer / Racers * Step + settings.Seed) % settings.Tokens);
                var outcome = await store.SpendAsync(Token(number), default);
                if (outcome == SpendOutcome.Fresh) Report(number);
                if (outcome == SpendOutcome.Unavailable) Interlocked.Increment(ref unanswered);
            }
        }

        void Report(int number)
        {
            Span<byte> bytes = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
            lock (gate)
            {
                reports.Write(bytes);
                if (++reported == killAfter) Process.GetCurrentProcess().Kill();
            }
        }
    }
}
