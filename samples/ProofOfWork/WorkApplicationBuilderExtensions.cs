namespace ProofOfWork;

/// <summary>Puts the work into the pipeline.</summary>
public static class WorkApplicationBuilderExtensions
{
    private const int Largest = 64 * 1024;

    /// <summary>Keeps requests so that the attester can read them once more.</summary>
    public static IApplicationBuilder UseWork(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        context.Request.EnableBuffering(Largest, Largest);
        return next(context);
    });
}
