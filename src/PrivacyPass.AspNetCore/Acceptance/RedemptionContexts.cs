using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace PrivacyPass.AspNetCore.Acceptance;

/// <summary>
/// Redemption contexts (RFC 9577, section 2.1.1) that last for a window of time: whoever has the secret computes the same ones, and nobody
/// else can foresee them. A token answers the challenge of one window and is taken to the end of the next.
/// </summary>
internal sealed class RedemptionContexts(string secret, TimeSpan window)
{
    /// <summary>The shortest secret, in characters.</summary>
    public const int ShortestSecret = 32;

    /// <summary>Servers with the same secret have clocks that differ: one offers the next window so much before another is in it.</summary>
    private static readonly TimeSpan _clockSkew = TimeSpan.FromMinutes(1);

    private readonly byte[] _key = SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>For so long at least is a challenge of now answered.</summary>
    public TimeSpan Window => window;

    /// <summary>The contexts that are accepted, the offered one first: this window's, the previous one's, and the next one's where it is near.</summary>
    public IReadOnlyList<byte[]> AcceptedAt(DateTimeOffset now)
    {
        var number = NumberAt(now);
        return NumberAt(now + _clockSkew) == number ? [Of(number), Of(number - 1)] : [Of(number), Of(number - 1), Of(number + 1)];
    }

    /// <summary>When what is accepted changes next.</summary>
    public DateTimeOffset NextChangeAfter(DateTimeOffset now)
    {
        var end = new DateTimeOffset((NumberAt(now) + 1) * window.Ticks, TimeSpan.Zero);
        return end - _clockSkew > now ? end - _clockSkew : end;
    }

    private long NumberAt(DateTimeOffset time) => time.UtcTicks / window.Ticks;

    private byte[] Of(long number)
    {
        Span<byte> input = stackalloc byte[2 * sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(input, window.Ticks);
        BinaryPrimitives.WriteInt64BigEndian(input[sizeof(long)..], number);
        return HMACSHA256.HashData(_key, input);
    }
}
