using Microsoft.Extensions.Options;

namespace PrivacyPass.AspNetCore;

/// <summary>Lets options that know what is wrong with them be checked when the application starts.</summary>
internal sealed class OptionsValidator<T>(Func<T, IReadOnlyList<string>> validate) : IValidateOptions<T>
    where T : class
{
    public ValidateOptionsResult Validate(string? name, T options) =>
        validate(options) is { Count: > 0 } errors ? ValidateOptionsResult.Fail(errors) : ValidateOptionsResult.Success;
}
