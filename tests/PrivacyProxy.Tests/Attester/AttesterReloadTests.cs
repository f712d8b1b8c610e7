using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using PrivacyPass;
using PrivacyPass.AspNetCore.Issuance.Extensions;
using PrivacyProxy.Commands.Attester;
using PrivacyProxy.Commands.Services;
using PrivacyProxy.Hosting.Reloading;

namespace PrivacyProxy.Tests.Attester;

/// <summary>Files of an attester at work change. That it is told by a signal, and says what is wrong, a real process shows: DeploymentTests.</summary>
public sealed class AttesterReloadTests
{
    private const string Key = "a-key-of-a-customer";
    private const string Alabaster = "US,US-AL,ALABASTER";
    private const string Berlin = "DE,DE-BE,BERLIN";

    [Fact]
    public async Task The_certificate_for_the_issuer_and_the_geofeed_count_once_their_files_have_changed_and_of_a_bad_change_nothing_does()
    {
        await using var setup = new AttesterSetup();
        var (certificate, geofeed) = (setup.File("shown.pem"), setup.File("geofeed.csv"));
        using var stranger = AttesterIdentity.Load(new AttesterSettings { Data = setup.File("stranger") });
        File.Copy(setup.File("stranger/client.pem"), certificate);
        await File.WriteAllTextAsync(geofeed, $"127.0.0.0/8,{Alabaster},\n");
        // The issuer knows the certificate in attester/, which is not shown to it yet.
        var attester = await setup.StartAttesterAsync(await setup.StartIssuerAsync(), ("BearerKeys:0:Key", Key), ("Issuer:Certificate", certificate), ("Geofeed", geofeed));
        Assert.Equal((HttpStatusCode.BadGateway, 0), await AttesterSetup.AskAsync(attester, 1, Key));
        Assert.Equal((null, false), (Refusal(attester, Alabaster), Refusal(attester, Berlin) is null));

        File.Copy(setup.File("attester/client.pem"), certificate, overwrite: true);
        await File.WriteAllTextAsync(geofeed, $"127.0.0.0/8,{Berlin},\n");
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (Refusal(attester, Berlin) is not null) await Task.Delay(TimeSpan.FromMilliseconds(50), deadline.Token);
        Assert.Equal((HttpStatusCode.OK, 1), await AttesterSetup.AskAsync(attester, 1, Key));

        await File.WriteAllTextAsync(geofeed, $"127.0.0.0/8,{Alabaster},\n");
        await File.WriteAllTextAsync(certificate, "no certificate");
        Assert.False(attester.Application.Services.GetRequiredService<Reloader>().Reload());
        Assert.Null(Refusal(attester, Berlin));
        Assert.Equal((HttpStatusCode.OK, 1), await AttesterSetup.AskAsync(attester, 1, Key));
    }

    private static string? Refusal(StartedService attester, string hint)
    {
        var context = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Loopback } };
        return attester.Application.Services.GetRequiredService<GeoHints>().Refuse(context, new TokenExtensions([TokenExtension.GeoHint(hint)]));
    }
}
