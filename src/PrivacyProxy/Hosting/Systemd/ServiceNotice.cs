using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Hosting.Systemd;

namespace PrivacyProxy.Hosting.Systemd;

/// <summary>Tells the service manager, where one asked for it by $NOTIFY_SOCKET (Type=notify), what the program is doing: sd_notify(3).</summary>
internal sealed class ServiceNotice
{
    private readonly SystemdNotifier? _notifier = OperatingSystem.IsLinux() ? new SystemdNotifier() : null;
    private volatile bool _started;

    public ServiceNotice(IHostApplicationLifetime lifetime) => lifetime.ApplicationStopping.Register(() => Send("STOPPING=1"));

    /// <summary>It listens.</summary>
    public void Started()
    {
        _started = true;
        Ready();
    }

    /// <summary>It reads settings again; <see cref="Ready"/> follows. The time on the clock is for Type=notify-reload.</summary>
    public void Reloading() => Send(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000)}"));

    /// <summary>Settings are read.</summary>
    public void Ready()
    {
        if (_started) Send("READY=1");
    }

    private void Send(string state)
    {
        // A manager that is gone, or a socket that is full, must not end the program.
        try
        {
            if (_notifier is { IsEnabled: true }) _notifier.Notify(new ServiceState(state));
        }
        catch (Exception exception) when (exception is System.Net.Sockets.SocketException or IOException)
        {
        }
    }
}
