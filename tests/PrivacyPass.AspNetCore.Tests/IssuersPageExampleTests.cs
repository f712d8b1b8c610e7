using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PrivacyPass.AspNetCore.Attestation;
using PrivacyPass.Issuance;

namespace PrivacyPass.AspNetCore.Tests;

/// <summary>The lines of docs/issuers.md that host an issuer in an application.</summary>
public sealed class IssuersPageExampleTests
{
    [Fact]
    public async Task The_pages_lines_make_an_issuer_with_an_attester_of_ones_own()
    {
        using var directory = new TemporaryDirectory();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        // "keys" is a folder of this test's.
        builder.Services.PostConfigure<Issuance.PrivacyPassIssuerOptions>(options => options.Keys.Directory = Path.Combine(directory.Path, options.Keys.Directory));
        // <example>
        builder.Services.AddPrivacyPassIssuer(options => options.Keys.Directory = "keys").UseAttester<MyAttester>();
        // </example>
        await using var app = builder.Build();
        // <example>
        app.MapPrivacyPassIssuer();
        // </example>
        await app.StartAsync();
        using var client = app.GetTestClient();
        using var answer = await client.GetAsync(new Uri(IssuerDirectory.WellKnownPath, UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(directory.Path, "keys"), "*.key.json"));
    }

    [Fact]
    public void The_page_shows_the_code_of_this_test()
    {
        var isExample = false;
        var example = new List<string>();
        foreach (var line in Lines("IssuersPageExampleTests.cs"))
        {
            if (line is "// <example>" or "// </example>") isExample = line == "// <example>";
            else if (isExample) example.Add(line);
        }

        Assert.Equal(2, example.Count);
        Assert.Equal(example, Lines("issuers.md").SkipWhile(static line => line != "```csharp").Skip(1).TakeWhile(static line => line != "```"));
    }

    private static IEnumerable<string> Lines(string file) => File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Pages", file)).Select(static line => line.Trim());

    private sealed class MyAttester : ITokenRequestAttester
    {
        public string Description => "Nobody.";

        public ValueTask<AttestationResult> AttestAsync(HttpContext context, TokenType type, CancellationToken cancellationToken) => ValueTask.FromResult(AttestationResult.Forbidden("Nobody."));
    }
}
