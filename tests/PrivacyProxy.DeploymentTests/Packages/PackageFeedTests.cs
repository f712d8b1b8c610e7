using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using PrivacyPass;
using PrivacyPass.Http;
using PrivacyPass.Issuance;

namespace PrivacyProxy.DeploymentTests.Packages;

/// <summary>The packages as a user of them has them: packed, put into a feed, installed into the sample, which is built and run.</summary>
public sealed class PackageFeedTests : IAsyncDisposable
{
    private const string Origin = "www.example";

    private static readonly Dictionary<string, string[]> _dependencies = new(StringComparer.Ordinal)
    {
        ["Masque"] = [],
        ["PrivacyPass"] = [],
        ["PrivacyPass.AspNetCore"] = ["PrivacyPass", "PrivacyPass.SpentTokens"],
        ["PrivacyPass.SpentTokens"] = ["Microsoft.Data.Sqlite", "Microsoft.Extensions.Logging.Abstractions", "Microsoft.Extensions.Options", "PrivacyPass"],
    };

    private readonly TemporaryDirectory _folder = new();
    // Of its own each time: what a restore has unpacked before of the same number would be taken again.
    private readonly string _version = string.Create(CultureInfo.InvariantCulture, $"0.0.0-test.{DateTime.UtcNow.Ticks}");
    private readonly ITokenIssuer _key = TokenCryptography.GenerateIssuer(TokenType.BlindRsa2048);
    private WebApplication? _issuer;

    private string Feed => _folder.File("feed");

    public async ValueTask DisposeAsync()
    {
        if (_issuer is not null) await _issuer.DisposeAsync();
        _key.Dispose();
        _folder.Dispose();
    }

    [SkippableFact]
    public async Task The_packages_are_whole_and_the_sample_is_built_from_them_and_takes_a_token_once()
    {
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout");
        await DotnetAsync("msbuild", Path.Combine(Product.RepositoryRoot!, "src", "Packages.proj"), "-nologo", "-v:quiet", "-p:NoBuild=true", $"-p:Version={_version}", $"-p:PackageOutputPath={Feed}");
        foreach (var (package, dependencies) in _dependencies) AssertIsWhole(package, dependencies);

        await BuildSampleAsync();
        var issuer = await StartIssuerAsync();
        await using var site = ChildProcess.Start("dotnet", ["exec", _folder.File("app/Sample.dll"), "--urls", "http://127.0.0.1:0", "--Issuer", issuer, "--Origin", Origin, "--SpentTokens", _folder.File("spent.db")]);
        const string Listening = "Now listening on: ";
        var line = (await site.WaitForOutputAsync(static line => line.Contains(Listening, StringComparison.Ordinal)))[0];
        var url = line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..].Trim();
        await AssertTakesATokenOnceAsync(new Uri(url), new Uri(issuer).Authority);
    }

    private void AssertIsWhole(string package, string[] dependencies)
    {
        using var archive = ZipFile.OpenRead(Path.Combine(Feed, $"{package}.{_version}.nupkg"));
        foreach (var file in new[] { "README.md", $"lib/net10.0/{package}.dll", $"lib/net10.0/{package}.xml" }) Assert.True(archive.GetEntry(file) is not null, $"{package} has no {file}");
        using var symbols = ZipFile.OpenRead(Path.Combine(Feed, $"{package}.{_version}.snupkg"));
        Assert.True(symbols.GetEntry($"lib/net10.0/{package}.pdb") is not null, $"{package} has no symbols");
        using var text = archive.GetEntry($"{package}.nuspec")!.Open();
        var metadata = XDocument.Load(text).Descendants().ToList();
        Assert.Equal(dependencies, metadata.Where(static one => one.Name.LocalName == "dependency").Select(static one => one.Attribute("id")!.Value).Order(StringComparer.Ordinal));
        Assert.Equal("README.md", metadata.Single(static one => one.Name.LocalName == "readme").Value);
        if (Directory.Exists(Path.Combine(Product.RepositoryRoot!, ".git")) || File.Exists(Path.Combine(Product.RepositoryRoot!, ".git")))
            Assert.NotEmpty(metadata.Single(static one => one.Name.LocalName == "repository").Attribute("commit")!.Value);
    }

    private async Task BuildSampleAsync()
    {
        var sample = _folder.File("sample");
        Directory.CreateDirectory(sample);
        File.Copy(Path.Combine(Product.RepositoryRoot!, "samples", "Origin", "Program.cs"), Path.Combine(sample, "Program.cs"));
        // The tunnels of Masque's README: compiled, and run by its own tests.
        var readme = await File.ReadAllTextAsync(Path.Combine(Product.RepositoryRoot!, "src", "Masque", "README.md"));
        await File.WriteAllTextAsync(Path.Combine(sample, "Tunnels.cs"), readme.Split("```")[1]["csharp\n".Length..]);
        await File.WriteAllTextAsync(Path.Combine(sample, "Sample.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <NuGetAudit>false</NuGetAudit>
                <UseAppHost>false</UseAppHost>
                <RestoreAdditionalProjectSources>{Feed}</RestoreAdditionalProjectSources>
                <RestorePackagesPath>{_folder.File("packages")}</RestorePackagesPath>
                <RestoreFallbackFolders>{PackagesOfThisUser}</RestoreFallbackFolders>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Masque" Version="{_version}" />
                <PackageReference Include="PrivacyPass.AspNetCore" Version="{_version}" />
                <PackageReference Include="PrivacyPass.SpentTokens" Version="{_version}" />
              </ItemGroup>
            </Project>
            """);
        await DotnetAsync("build", sample, "-nologo", "-v:quiet", "-o", _folder.File("app"));
    }

    private static string PackagesOfThisUser =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    /// <summary>An issuer of this test, over real HTTP.</summary>
    private async Task<string> StartIssuerAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _issuer = builder.Build();
        var directory = new IssuerDirectory("/token-request", [new IssuerDirectoryKey((ushort)_key.Type, _key.PublicKey)]).WriteJson();
        _issuer.Run(async context =>
        {
            if (context.Request.Path == IssuerDirectory.WellKnownPath) await context.Response.Body.WriteAsync(directory);
            else context.Response.StatusCode = StatusCodes.Status404NotFound;
        });
        await _issuer.StartAsync();
        return _issuer.Urls.First();
    }

    private async Task AssertTakesATokenOnceAsync(Uri site, string issuer)
    {
        using var client = new HttpClient { BaseAddress = site };
        // A start waits two seconds for keys; a machine that starves needs more.
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        while (await StatusAsync(client) == HttpStatusCode.ServiceUnavailable) await Task.Delay(TimeSpan.FromMilliseconds(100), deadline.Token);
        using var asked = await client.GetAsync(new Uri("/paid", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, asked.StatusCode);
        var challenge = Assert.Single(PrivateTokenChallenge.ReadAll(asked.Headers.GetValues("WWW-Authenticate")));
        TokenChallenge.TryRead(challenge.Challenge.Span, out var read);
        Assert.Equal((issuer, Origin), (read!.IssuerName, read.OriginInfo));
        using var blinding = TokenCryptography.CreateClient(_key.Type, challenge.TokenKey!.Value.Span);
        using var pending = blinding.CreateRequest(challenge.Challenge.Span);
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", PrivateTokenCredentials.Write(pending.Finalize(_key.Issue(pending.Request.Span))));

        Assert.StartsWith("Open to all", await client.GetStringAsync(new Uri("/", UriKind.Relative)), StringComparison.Ordinal);
        Assert.Equal($"Paid with a token of {issuer}.\n", await client.GetStringAsync(new Uri("/paid", UriKind.Relative)));
        using var again = await client.GetAsync(new Uri("/paid", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(new Uri("/paid", UriKind.Relative));
        return answer.StatusCode;
    }

    private static async Task DotnetAsync(params string[] arguments)
    {
        var result = await ChildProcess.RunAsync("dotnet", arguments, new Dictionary<string, string>(StringComparer.Ordinal) { ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1" });
        Assert.True(result.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}: {result.Output}{result.Errors}");
    }
}
