using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MsQuic;
using PrivacyProxy.Admission;
using PrivacyProxy.Certificates;
using PrivacyProxy.Egress;
using PrivacyProxy.Egress.Pools;
using PrivacyProxy.Forwarding;
using PrivacyProxy.Listeners;
using PrivacyProxy.Listeners.Engine;
using PrivacyProxy.Redemption;
using PrivacyProxy.Requests;
using PrivacyProxy.Recording.Instruments;
using PrivacyProxy.Tunnels;
using PrivacyProxy.Tunnels.Rates;
using Tunneling.Admission;

namespace PrivacyProxy.Testing.Listeners;

/// <summary>A proxy on real sockets, with a redeemer and an egress the test decides about.</summary>
internal sealed class ProxyFixture : IAsyncDisposable
{
    private static readonly X509Certificate2 _certificate = TestCertificate.Create();

    private readonly ServerTls _tls = new(new ServerCertificate(_certificate, []));
    private WebApplication _app = null!;
    private int _requests;

    private ProxyFixture()
    {
    }

    /// <summary>Of every one.</summary>
    public static X509Certificate2 Certificate => _certificate;

    public FakeRedeemer Redeemer { get; } = new();

    public FakeEgress Egress { get; } = new();

    public FakeUdpEgress UdpEgress { get; } = new();

    public RecordingLogs Logs { get; } = new();

    /// <summary>TLS of its listener, where it has it.</summary>
    public ServerTls Tls => _tls;

    public MetricRecorder Metrics { get; private set; } = null!;

    /// <summary>Serves what is no tunnel, instead of a few words.</summary>
    public RequestDelegate? Serves { get; set; }

    /// <summary>Requests that are answered with 404, as by a proxy that knows no such resource; over Kestrel alone.</summary>
    public Func<HttpContext, bool>? IsUnknown { get; set; }

    /// <summary>Requests served that were no tunnels.</summary>
    public int Requests => _requests;

    public IPEndPoint EndPoint { get; private set; } = null!;

    public ConnectionRegistry Connections => _app.Services.GetRequiredService<ConnectionRegistry>();

    public TunnelRegistry Registry => _app.Services.GetRequiredService<TunnelRegistry>();

    /// <summary>What stands for QUIC; connections to it are HTTP/3.</summary>
    public MemoryTransport Http3 => (MemoryTransport)_app.Services.GetRequiredService<IMultiplexedConnectionListenerFactory>();

    /// <summary>A proxy that can be reached that way.</summary>
    public static Task<ProxyFixture> StartAsync(TestWay way, Action<TunnelOptions>? configure = null, TimeProvider? time = null, AdmissionLimits? limits = null, string? tlsProblem = null, Action<RateOptions>? rates = null, bool forwards = false)
    {
        Skip.If(way == TestWay.Http3Quic && !QuicLibrary.IsSupported, QuicLibrary.Problem);
        return StartAsync(
            way is not (TestWay.Http1 or TestWay.Http1Native or TestWay.Http2 or TestWay.Http2Native),
            configure,
            time,
            http3: way == TestWay.Http3,
            limits,
            way is TestWay.Http1Native or TestWay.Http1NativeTls or TestWay.Http2Native or TestWay.Http2NativeTls ? ListenerEngine.Native : null,
            tlsProblem,
            rates,
            quic: way == TestWay.Http3Quic,
            forwards: forwards);
    }

    public static async Task<ProxyFixture> StartAsync(bool tls, Action<TunnelOptions>? configure = null, TimeProvider? time = null, bool http3 = false, AdmissionLimits? limits = null, ListenerEngine? engine = null, string? tlsProblem = null, Action<RateOptions>? rates = null, bool quic = false, Action<ListenerOptions>? listen = null, bool forwards = false, TimeSpan? keepAlive = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        if (time is not null) builder.Services.AddSingleton(time);
        var fixture = new ProxyFixture();
        builder.Logging.Services.AddSingleton<ILoggerProvider>(fixture.Logs);
        builder.Services.AddSingleton<IProxyIdentity>(new FakeIdentity());
        builder.Services.AddTunnels();
        builder.Services.AddProxyTransport();
        builder.Services.AddAdmission(_ => limits ?? new AdmissionLimits { Places = 10_000 });
        builder.Services.Configure<ListenerOptions>(listeners => listeners.Engine = engine ?? TestEngine.Current);
        if (listen is not null) builder.Services.Configure(listen);
        if (tlsProblem is not null)
        {
            fixture.Logs.Least = LogLevel.Information;
            builder.Services.AddSingleton(services =>
            {
                var loops = ActivatorUtilities.CreateInstance<TunnelLoops>(services);
                loops.TlsProblem = tlsProblem;
                return loops;
            });
        }

        if (http3) builder.Services.AddSingleton<IMultiplexedConnectionListenerFactory, MemoryTransport>();
        if (forwards)
        {
            builder.Services.AddForwarding();
            builder.Services.AddSingleton<SourcePools>();
        }

        builder.Services.Configure<DrainOptions>(drain => drain.Timeout = TimeSpan.Zero);
        if (configure is not null) builder.Services.Configure(configure);
        if (rates is not null) builder.Services.Configure(rates);
        builder.Services.AddSingleton<IRedeemer>(fixture.Redeemer);
        builder.Services.AddSingleton<IEgress>(fixture.Egress);
        builder.Services.AddSingleton<IUdpEgress>(fixture.UdpEgress);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.KeepAliveTimeout = keepAlive ?? kestrel.Limits.KeepAliveTimeout);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenProxy(
            // HTTP/3 shares the port of TCP, so it must be known before.
            new IPEndPoint(IPAddress.Loopback, http3 || quic ? FreePort.Next() : 0),
            tls ? fixture._tls : null));
        var app = builder.Build();
        fixture._app = app;
        app.Use((context, next) =>
        {
            if (fixture.IsUnknown?.Invoke(context) != true) return next(context);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        app.UseTunnels();
        app.Map("/missing", missing => missing.Run(context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }));
        app.Map("/tls", tls => tls.Run(static context =>
        {
            var handshake = context.Features.GetRequiredFeature<ITlsHandshakeFeature>();
            var protocol = Encoding.ASCII.GetString(context.Features.GetRequiredFeature<ITlsApplicationProtocolFeature>().ApplicationProtocol.Span);
            return context.Response.WriteAsync($"{context.Request.Scheme} {handshake.Protocol} {protocol} suite:{handshake.NegotiatedCipherSuite?.ToString()[..3]} {context.Request.IsHttps} {context.Connection.ClientCertificate is null}");
        }));
        app.Run(context =>
        {
            Interlocked.Increment(ref fixture._requests);
            return fixture.Serves is { } serve ? serve(context) : context.Response.WriteAsync("not a tunnel");
        });
        fixture.Metrics = new MetricRecorder(app.Services.GetRequiredService<ProxyMeter>());
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        fixture.EndPoint = new IPEndPoint(IPAddress.Loopback, new Uri(address).Port);
        return fixture;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _tls.Dispose();
    }
}
