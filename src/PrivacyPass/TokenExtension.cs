using System.Buffers.Binary;
using System.Text;

namespace PrivacyPass;

/// <summary>One extension of a token: public metadata that client, issuer and origin see (draft-ietf-privacypass-auth-scheme-extensions).</summary>
/// <param name="Type">What it is.</param>
/// <param name="Data">Its contents, 0 to 65531 bytes.</param>
public readonly record struct TokenExtension(ushort Type, ReadOnlyMemory<byte> Data)
{
    /// <summary>The type of an expiration (draft-ietf-privacypass-expiration-extension).</summary>
    public const ushort ExpirationType = 0x0001;

    /// <summary>The type of a geographic hint (draft-hendrickson-privacypass-geolocation-extension).</summary>
    public const ushort GeoHintType = 0x0002;

    /// <summary>When the token expires: a number of seconds after 1970 that is a multiple of the precision.</summary>
    /// <param name="expiration">When; cut down to the precision.</param>
    /// <param name="precision">Whole seconds, at least one: the coarser, the larger the crowd with the same.</param>
    public static TokenExtension Expiration(DateTimeOffset expiration, TimeSpan precision)
    {
        var step = (long)precision.TotalSeconds;
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1, nameof(precision));
        var data = new byte[16];
        BinaryPrimitives.WriteInt64BigEndian(data, step);
        BinaryPrimitives.WriteInt64BigEndian(data.AsSpan(8), expiration.ToUnixTimeSeconds() / step * step);
        return new TokenExtension(ExpirationType, data);
    }

    /// <summary>Where the client is, as far as it says: country, region and city as in a geofeed (RFC 8805), such as <c>US,US-AL,ALABASTER</c>.</summary>
    /// <exception cref="ArgumentException">It is empty or has more than 65529 bytes.</exception>
    public static TokenExtension GeoHint(string hint)
    {
        ArgumentException.ThrowIfNullOrEmpty(hint);
        var text = Encoding.UTF8.GetBytes(hint);
        if (text.Length > TokenExtensions.LargestData - 2) throw new ArgumentException("The hint is too long.", nameof(hint));
        var data = new byte[2 + text.Length];
        BinaryPrimitives.WriteUInt16BigEndian(data, (ushort)text.Length);
        text.CopyTo(data, 2);
        return new TokenExtension(GeoHintType, data);
    }
}
