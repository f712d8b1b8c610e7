using System.Globalization;
using Masque.Templates;
using Microsoft.Extensions.Options;

namespace PrivacyProxy.Tunnels;

/// <summary>Names each wrong key in full, its value and what is allowed.</summary>
internal sealed class TunnelOptionsValidator : IValidateOptions<TunnelOptions>
{
    private static readonly TimeSpan _day = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, TunnelOptions options)
    {
        var failures = new List<string>();
        if (!IsToken(options.ProxyName))
            failures.Add(Failure(nameof(options.ProxyName), options.ProxyName, "an RFC 9209 token: a letter, then letters, digits, '-', '.' or '_'"));
        CheckRange(failures, nameof(options.MaxTunnels), options.MaxTunnels, 1, 10_000_000);
        CheckRange(failures, nameof(options.MaxRequestHeadSize), options.MaxRequestHeadSize, 1024, 256 * 1024);
        CheckRange(failures, nameof(options.MaxRequestFields), options.MaxRequestFields, 1, 1000);
        CheckSpan(failures, nameof(options.IdleTimeout), options.IdleTimeout, TimeSpan.FromSeconds(1), _day);
        CheckSpan(failures, nameof(options.HalfClosedTimeout), options.HalfClosedTimeout, TimeSpan.FromSeconds(1), _day);
        CheckSpan(failures, nameof(options.UdpIdleTimeout), options.UdpIdleTimeout, TimeSpan.FromMinutes(2), _day);
        CheckRange(failures, nameof(options.MaxUdpTunnels), options.MaxUdpTunnels, 0, 10_000_000);
        CheckTemplate(failures, nameof(options.UdpTemplate), options.UdpTemplate);
        CheckTemplate(failures, nameof(options.TcpTemplate), options.TcpTemplate);
        CheckSpan(failures, nameof(options.Http3OriginClosedGrace), options.Http3OriginClosedGrace, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        CheckSpan(failures, nameof(options.RequestHeadTimeout), options.RequestHeadTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10));
        CheckSpan(failures, nameof(options.RefusalLinger), options.RefusalLinger, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static bool IsToken(string? name) =>
        !string.IsNullOrEmpty(name) && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');

    private static void CheckRange(List<string> failures, string key, int value, int min, int max)
    {
        if (value < min || value > max)
            failures.Add(Failure(key, value.ToString(CultureInfo.InvariantCulture), $"{min} to {max}"));
    }

    private static void CheckSpan(List<string> failures, string key, TimeSpan value, TimeSpan min, TimeSpan max)
    {
        if (value < min || value > max)
            failures.Add(Failure(key, value.ToString("c", CultureInfo.InvariantCulture), $"{min:c} to {max:c}"));
    }

    private static void CheckTemplate(List<string> failures, string key, string? template)
    {
        if (!string.IsNullOrEmpty(template) && !TargetTemplate.TryParse(template, out _))
            failures.Add(Failure(key, template, "a path with {target_host} and {target_port}, such as /masque/{target_host}/{target_port}/ or /masque{?target_host,target_port}"));
    }

    private static string Failure(string key, string? value, string allowed) =>
        $"{TunnelOptions.SectionName}:{key} is '{value}'; allowed: {allowed}.";
}
