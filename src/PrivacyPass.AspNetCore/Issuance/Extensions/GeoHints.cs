using Microsoft.AspNetCore.Http;

namespace PrivacyPass.AspNetCore.Issuance.Extensions;

/// <summary>Whether a geographic hint is true of the client that sends it. The feed may be replaced while it runs.</summary>
internal sealed class GeoHints
{
    private readonly bool _areVouchedFor;
    private volatile Geofeed? _geofeed;

    /// <exception cref="IOException">The feed cannot be read.</exception>
    public GeoHints(TokenExtensionOptions options) : this(options.GeofeedFile) => _areVouchedFor = options.AttesterChecksHints;

    /// <param name="file">The feed; null without.</param>
    /// <exception cref="IOException">The feed cannot be read.</exception>
    public GeoHints(string? file) => _geofeed = file is null ? null : Geofeed.Read(file);

    /// <summary>Takes another feed.</summary>
    public void Use(Geofeed? geofeed) => _geofeed = geofeed;

    /// <summary>Null for no hint, and for one that is true; or a sentence for the client.</summary>
    public string? Refuse(HttpContext context, TokenExtensions extensions)
    {
        if (!extensions.TryGetGeoHint(out var hint)) return "The geographic hint is malformed.";
        if (hint is null || _areVouchedFor) return null;
        if (_geofeed is not { } geofeed) return "No geographic hint is signed here.";
        return context.Connection.RemoteIpAddress is { } address && string.Equals(geofeed.Find(address), hint, StringComparison.Ordinal)
            ? null
            : "The geographic hint is not that of this client.";
    }
}
