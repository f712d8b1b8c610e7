using System.Net.Mime;
using Microsoft.Net.Http.Headers;

namespace PrivacyProxy.Exporting;

/// <summary>What a reader of the management endpoint would like to get.</summary>
internal static class AcceptHeader
{
    /// <summary>Whether it names a type and does not like plain text better. One that cannot be read, or that names neither, gets plain text.</summary>
    public static bool Prefers(IList<string> accept, string type)
    {
        if (!MediaTypeHeaderValue.TryParseList(accept, out var types)) return false;
        var quality = Quality(types, type);
        return quality > 0 && quality >= Quality(types, MediaTypeNames.Text.Plain);
    }

    private static double Quality(IEnumerable<MediaTypeHeaderValue> types, string type) =>
        types.Where(offered => offered.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)).Select(static offered => offered.Quality ?? 1).DefaultIfEmpty(0).Max();
}
