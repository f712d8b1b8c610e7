using System.Text;
using PrivacyProxy.Exporting;

namespace PrivacyProxy.Hosting.Management.Page;

/// <summary>The page at <c>/</c>, for a person with a browser. It reads the other endpoints and nothing else; works without a network, sets no cookies.</summary>
internal static class ManagementPage
{
    private const string ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void MapPage(this IEndpointRouteBuilder app)
    {
        var page = Read("page.html").Replace("@VERSION@", BuildVersion.Current, StringComparison.Ordinal);
        Map(app, "/", page, "text/html; charset=utf-8");
        Map(app, "/page.css", Read("page.css"), "text/css; charset=utf-8");
        Map(app, "/page.js", Read("page.js"), "text/javascript; charset=utf-8");
    }

    private static void Map(IEndpointRouteBuilder app, string path, string text, string type)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        app.MapRead(path, (HttpContext context) =>
        {
            var fields = context.Response.Headers;
            fields.ContentSecurityPolicy = ContentSecurityPolicy;
            fields.XContentTypeOptions = "nosniff";
            fields["Referrer-Policy"] = "no-referrer";
            fields.CacheControl = "no-cache";
            return Results.Bytes(bytes, type);
        });
    }

    private static string Read(string file)
    {
        using var stream = typeof(ManagementPage).Assembly.GetManifestResourceStream($"{typeof(ManagementPage).Namespace}.{file}") ?? throw new InvalidOperationException($"{file} is not in the program.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
