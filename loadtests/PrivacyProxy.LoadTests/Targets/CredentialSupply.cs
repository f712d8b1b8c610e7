using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using PrivacyPass;
using PrivacyPass.Http;
using PrivacyProxy.LoadTests.Redemptions;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Stores;

namespace PrivacyProxy.LoadTests.Targets;

/// <summary>What tunnels are paid with: one preshared key for all, tokens of which every proxy takes each once, or nothing.</summary>
internal sealed class CredentialSupply
{
    private const string PresharedKey = "load-test";

    private static readonly TimeSpan _progressInterval = TimeSpan.FromMilliseconds(200);

    private readonly IReadOnlyList<string?> _values;
    private readonly bool _once;

    private CredentialSupply(IReadOnlyList<string?> values, bool once, IReadOnlyDictionary<string, string> settings) => (_values, _once, Settings) = (values, once, settings);

    /// <summary>The settings of a proxy that takes them, as environment variables.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>For a proxy of our own that lets everybody in, or others' that do.</summary>
    public static CredentialSupply OfNothing() => new([null], once: false, Environment(("PrivacyProxy__Authentication__Required", "false")));

    public static CredentialSupply OfPresharedKey(string key = PresharedKey) => new([$"Preshared {key}"], once: false, Environment(("PrivacyProxy__Authentication__PresharedKeys", key)));

    /// <summary>The tokens of a file, one a line.</summary>
    /// <exception cref="FormatException">A line is none.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static CredentialSupply OfFile(string file)
    {
        var lines = File.ReadAllLines(file).Select(static line => line.Trim()).Where(static line => line.Length > 0).ToList();
        var tokens = new List<string?>(lines.Count);
        for (var i = 0; i < lines.Count; i++)
            tokens.Add(PrivateTokenCredentials.Write(PaddedBase64Url.Decode(lines[i], out _) ?? throw new FormatException($"{file}, token {i + 1}: not base64url.")));
        return tokens.Count > 0 ? new CredentialSupply(tokens, once: true, Environment()) : throw new FormatException($"{file} has no tokens.");
    }

    /// <summary>Issues tokens of type 2 on all cores, and shows how far it is.</summary>
    public static async Task<CredentialSupply> MintAsync(LoadScreen screen, int count, CancellationToken cancellationToken)
    {
        var made = new StrongBox<int>();
        var making = Task.Run(() => TokenSupply.Make(TokenType.BlindRsa2048, StoreSettings.IssuerName, StoreSettings.OriginInfo, count, forged: 0, made, cancellationToken), cancellationToken);
        while (await Task.WhenAny(making, Task.Delay(_progressInterval, CancellationToken.None)) != making) screen.Bar("minting tokens", Volatile.Read(ref made.Value), count);
        var supply = await making;
        using var issuer = supply.Issuer;
        return new CredentialSupply(supply.Good, once: true, Environment(
            ("PrivacyProxy__Authentication__OriginInfo", StoreSettings.OriginInfo),
            ("PrivacyProxy__Issuers__0__Name", StoreSettings.IssuerName),
            ("PrivacyProxy__Issuers__0__PublicKeys__0", System.Buffers.Text.Base64Url.EncodeToString(issuer.PublicKey.Span))));
    }

    /// <summary>What the settings ask for.</summary>
    /// <param name="screen">Shows how far it is.</param>
    /// <param name="settings">Which proxy.</param>
    /// <param name="tunnels">How many are opened at one proxy at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="FormatException">The file has too few tokens.</exception>
    public static async Task<CredentialSupply> MakeAsync(LoadScreen screen, TargetSettings settings, int tunnels, CancellationToken cancellationToken)
    {
        switch (settings.Pay)
        {
            case Payment.None: return OfNothing();
            case Payment.Psk: return settings.Psk is { } key ? OfPresharedKey(key) : OfPresharedKey();
        }

        if (settings.TokenFile is not { } file) return await MintAsync(screen, tunnels, cancellationToken);
        var supply = OfFile(file);
        return supply._values.Count >= tunnels ? supply : throw new FormatException($"{file} has {supply._values.Count} tokens, {tunnels} are needed: more, or fewer tunnels, rounds or --warm-up.");
    }

    /// <summary>The credential of the tunnel with that number at one proxy; false when there is none left.</summary>
    /// <param name="number">From 0 on.</param>
    /// <param name="credential">Null where nothing is paid.</param>
    public bool TryFind(int number, out string? credential)
    {
        credential = !_once ? _values[0] : number < _values.Count ? _values[number] : null;
        return !_once || credential is not null;
    }

    /// <summary>A good token, of which forged ones are made.</summary>
    /// <exception cref="InvalidOperationException">Nothing is paid with tokens.</exception>
    public string Model => _once ? _values[0]!.Split('"')[1] : throw new InvalidOperationException("There is no token to forge.");

    [SuppressMessage("Style", "IDE0028", Justification = "A dictionary with its comparer.")]
    private static Dictionary<string, string> Environment(params (string Name, string Value)[] variables) =>
        variables.ToDictionary(static variable => variable.Name, static variable => variable.Value, StringComparer.Ordinal);
}
