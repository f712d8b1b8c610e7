using PrivacyPass.AspNetCore.Issuance.Extensions;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Commands.Services;

/// <summary>The geofeed in use, read again when its file changes.</summary>
/// <param name="key">The setting that names it.</param>
/// <param name="hints">What is said by it.</param>
/// <param name="file">The file of the start; null without.</param>
internal sealed class GeofeedFile(string key, GeoHints hints, string? file)
{
    private volatile string? _file = file;

    public IEnumerable<string> Files => _file is { } file ? [file] : [];

    /// <summary>Reads a feed; what is returned goes by it.</summary>
    /// <exception cref="InvalidConfigurationException">It cannot be read.</exception>
    public Action Prepare(string? next)
    {
        try
        {
            var feed = next is null ? null : Geofeed.Read(next);
            return () =>
            {
                _file = next;
                hints.Use(feed);
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidConfigurationException(key, next, $"a file that can be read ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')})");
        }
    }
}
